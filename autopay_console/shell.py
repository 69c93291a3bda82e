"""What stands around every page: company in force, side bar by rights, counts of what waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel import amounts
from autopay_console.kernel.listing import HowMany
from companies import stopping
from companies.access import Rights
from companies.choices import InstanceRoleKind, Role
from companies.models import Company, Person, SendingStop
from payments.choices import BatchState, IncomingState, RoundState
from payments.models import Approval, Batch, IncomingPayment, OpenDebit, Payment

MOST_COUNTED = 999  # beside a place in the side bar
Allowed = Callable[[Rights], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """A page the side bar can lead to: url name, words, icon, keys, who sees it, which count it carries.

    `beside` names pages that are reached from it but have an address elsewhere (a blank before what the address takes):
    they are in its place too.
    """

    name: str
    label: Any
    icon: str
    allowed: Allowed
    keys: str = ""
    count: str = ""
    hot: bool = False
    beside: tuple[str, ...] = ()


@dataclass(slots=True)
class Entry:
    """A place as this person sees it now."""

    place: Place
    url: str
    count: int | None = None
    current: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.place, name)

    @property
    def hot(self) -> bool:
        return self.place.hot and bool(self.count)

    @property
    def shown(self) -> str:
        """The count; beyond 999 it only says so."""
        many = self.count or 0
        return f"{MOST_COUNTED}+" if many > MOST_COUNTED else amounts.shown(many, 0)


@dataclass(slots=True)
class Group:
    """A heading of the side bar and its entries."""

    label: Any
    entries: list[Entry]


@dataclass(slots=True)
class Shell:
    """Everything the frame of a page shows."""

    groups: list[Group]
    initials: str
    roles: str
    company_url: str


def _member(rights: Rights) -> bool:
    return rights.sees_amounts


def _has_home(rights: Rights) -> bool:
    """Everybody but who only looks after the installation: the operations page is theirs."""
    return rights.company is not None or not rights.operations


def _payer(rights: Rights) -> bool:
    return rights.accountant or rights.payroll


def _fetcher(rights: Rights) -> bool:
    return rights.accountant or rights.administrator


def _administrator(rights: Rights) -> bool:
    return rights.administrator or rights.instance_administrator


def _company_administrator(rights: Rights) -> bool:
    return rights.administrator


def _importer(rights: Rights) -> bool:
    return rights.administrator or rights.accountant


def _only_of_company(rights: Rights) -> bool:
    return rights.administrator and not rights.instance_administrator


def _instance_administrator(rights: Rights) -> bool:
    return rights.instance_administrator


def _operations(rights: Rights) -> bool:
    return rights.operations


def _member_or_operations(rights: Rights) -> bool:
    return rights.sees_amounts or rights.operations


ENABLING = ("integrated", "company_enable", "company_integrated", "company_enter_key", "company_rotate_key")
PLACES: tuple[tuple[Any, tuple[Place, ...]], ...] = (
    (
        _("Work"),
        (
            Place("home", _("What waits"), "house", _has_home, "g h"),
            Place("suggestion", _("Suggestion"), "list-checks", _payer),
            Place("payments", _("Payments"), "upload", _member, "g u", "drafts"),
            Place("approval", _("Approval"), "shield-check", _member, "g a", "to_approve"),
            Place("overview", _("Overview"), "table-2", _member, "g p"),
            Place("incoming", _("Incoming"), "arrow-down-left", _member, "g i", "parked"),
            Place("open_debits", _("Open debits"), "arrow-up-right", _member, "", "debits", hot=True),
            Place("statements", _("Statements"), "scroll-text", _member),
            Place("journal", _("Journal"), "book-open", _member, "g j", "batches"),
        ),
    ),
    (
        _("Set-up"),
        (
            Place(
                "companies", _("Companies"), "building-2", _administrator, beside=("activation", "setup_rows company")
            ),
            Place("readiness", _("Readiness"), "circle-check", _member),
            Place("bank_partners", _("Bank partners"), "landmark", _member, beside=("setup_rows bank_partner",)),
            Place("agreements", _("Agreements"), "file-text", _member, beside=("setup_rows agreement",)),
            Place(
                "factoring",
                _("Factoring companies"),
                "hash",
                _company_administrator,
                beside=("setup_rows factoring_company",),
            ),
            Place("suppliers", _("Suppliers"), "truck", _member, beside=("setup_rows supplier",)),
            Place("customers", _("Customers"), "users", _member, beside=("setup_rows customer",)),
            Place("api_keys", _("API keys"), "key-round", _company_administrator),
            Place("table_imports", _("Import tables"), "file-up", _importer),
            Place("people", _("People"), "user-cog", lambda rights: rights.administrator),
            Place("everybody", _("Everybody"), "users-round", _instance_administrator),
            Place("enable", _("Enable Visma.net"), "plug-zap", _instance_administrator, beside=ENABLING),
            Place("company_enable", _("Enable Visma.net"), "plug-zap", _only_of_company, beside=ENABLING),
            Place("set_up", _("All set-up"), "settings", _member),
        ),
    ),
    (
        _("Operations"),
        (
            Place("operations", _("Is money moving?"), "heart-pulse", _operations, "g o"),
            Place("messages", _("Messages"), "inbox", _operations),
            Place("queue_service", _("Message queue"), "server-cog", _operations),
            Place("sending_all", _("Sending, all companies"), "octagon-pause", _operations),
            Place("exchanges", _("Traffic log"), "scroll", _member_or_operations),
            Place("file_kinds", _("Files and retention"), "archive", _operations),
            Place("evidence", _("Evidence pack"), "file-archive", _fetcher),
            Place("download", _("Download"), "cloud-download", _fetcher),
            Place("sending", _("Sending"), "octagon-pause", _member),
            Place("imports", _("Imports"), "file-down", _operations),
        ),
    ),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every template: rights, company, theme, and the frame, which is worked out only when shown."""
    person = getattr(request, "user", None)
    theme = getattr(person, "theme", "auto")
    return {
        "rights": getattr(request, "rights", None),
        "company": getattr(request, "company", None),
        "theme": "" if theme == "auto" else theme,
        "shell": SimpleLazyObject(lambda: build(request)),
        "stops": SimpleLazyObject(lambda: stops(request)),
    }


def stops(request: Any) -> list[SendingStop]:
    """Why nothing leaves at present, for every page of somebody who is logged in."""
    rights = getattr(request, "rights", None)
    if rights is None or not (rights.all_stopped or (rights.company and rights.company.outgoing_stopped_at)):
        return []  # known with the rights, without another query
    return stopping.in_force(rights.company)


def build(request: Any) -> Shell:
    """The frame for this person; one query for all counts."""
    rights, person = request.rights, request.user
    counts = counts_for(rights.company, person, rights) if rights.company else {}
    groups = []
    for label, places in PLACES:
        entries = [_entry(place, counts) for place in places if place.allowed(rights)]
        found = [entry for entry in entries if entry]
        if found:
            groups.append(Group(label, found))
    _mark_current(groups, request.path)
    return Shell(groups, initials(person), roles_shown(rights), safe_url("switch_company"))


def counts_for(company: Company, person: Person, rights: Rights) -> dict[str, int]:
    """How much waits in the company, each up to one beyond 999, in one query: every page asks for it."""
    wanted: dict[str, QuerySet[Any]] = {
        "drafts": Payment.objects.filter(company=company, round_state=RoundState.DRAFT),
        "parked": IncomingPayment.objects.filter(company=company, state=IncomingState.PARKED),
        "debits": OpenDebit.objects.filter(company=company, done_at__isnull=True),
        "batches": Batch.objects.filter(company=company, state=BatchState.WAITING),
    }
    if rights.approver:
        wanted["to_approve"] = to_approve(company, person)
    counts = [HowMany(rows.order_by()[: MOST_COUNTED + 1]) for rows in wanted.values()]
    found = Company.objects.filter(pk=company.pk).values_list(*counts).get()
    return dict(zip(wanted, found, strict=True))


def to_approve(company: Company, person: Person) -> QuerySet[Payment]:
    """Uploaded payments this person may sign: not their own upload, not signed by them in this round."""
    signed = Approval.objects.filter(payment=OuterRef("pk"), round=OuterRef("round"), person=person)
    waiting = Payment.objects.filter(company=company, round_state=RoundState.WAITING)
    return waiting.exclude(uploaded_by=person).filter(~Exists(signed))


def _entry(place: Place, counts: dict[str, int]) -> Entry | None:
    url = safe_url(place.name)
    return Entry(place, url, counts.get(place.count)) if url else None


def _mark_current(groups: list[Group], path: str) -> None:
    """The entry whose address, or that of a page beside it, begins the path, the longest one; home only for itself."""
    entries = [entry for group in groups for entry in group.entries]
    addresses = [(url, one) for one in entries for url in (one.url, *_beside(one.place)) if url]
    fitting = [(len(url), one) for url, one in addresses if path == url or (url != "/" and path.startswith(url))]
    if fitting:
        max(fitting, key=lambda found: found[0])[1].current = True


def _beside(place: Place) -> list[str]:
    return [safe_url(*one.split()) for one in place.beside]


def safe_url(name: str, *args: Any) -> str:
    """The address of a page, or nothing while there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def initials(person: Person) -> str:
    """Two letters for the round mark."""
    words = person.shown.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def roles_shown(rights: Rights) -> str:
    """The person's roles in words, company roles first."""
    words = [str(Role(one).label).lower() for one in Role.values if one in rights.roles]
    words += [str(InstanceRoleKind(one).label).lower() for one in InstanceRoleKind.values if one in rights.instance]
    return " · ".join(words[:2]) or gettext("no role")
