"""One company with one row of everything a page can show, and the addresses of those pages."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import URLPattern, get_resolver
from django.utils import timezone

from autopay_console.kernel.pages import Page
from companies import invitations
from companies.choices import InstanceRoleKind, Role
from companies.models import Company, Deputy, InstanceRole, PendingChange, Person, SavedView
from integration import traffic
from integration.api import keys
from integration.choices import Direction, Outcome
from integration.models import ActivationRun, InboxMessage
from payments.books import ledger, ledger_specs
from payments.choices import BatchKind
from payments.models import AnswerException, ExportRun, PayeeDecision, PayerAccount, PhraseRule
from payments.releasing.uploading import upload
from payments.table_import import acts
from payments.table_import.tables import SUPPLIERS
from tests import build
from tests.payments.incoming import bank_files

INCOMING = (
    *("incoming_payment", "resolve", "split_incoming", "find_incoming", "match_incoming", "park_incoming"),
    *("hand_over_incoming", "refund_incoming", "repeat_incoming", "undo_incoming"),
)
PERSON = (
    *("person", "person_deactivate", "person_reactivate", "person_log_out"),
    *("person_instance_roles", "person_company_roles", "person_email"),
)
DRAFT, UPLOADED = 7001, 7002  # no other company of a test has a payment of these numbers


@dataclass(frozen=True, slots=True)
class Address:
    """One pattern of the address book."""

    route: str
    name: str
    view: Any

    @property
    def scope(self) -> str:
        return getattr(self.view, "scope", "")

    @property
    def roles(self) -> tuple[str, ...]:
        return getattr(self.view, "roles", ())

    @property
    def open(self) -> bool:
        """Django lets strangers in."""
        return getattr(self.view, "login_required", True) is False


def addresses(resolver=None, before="") -> list[Address]:
    """Every address of the console, in order."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            view = pattern.load() if isinstance(pattern, Page) else pattern.callback
            found.append(Address(route, pattern.name or route, view))
        else:
            found += addresses(pattern, route)
    return found


@dataclass(slots=True)
class World:
    """Our company, and what its addresses are filled with."""

    company: Company
    by_name: dict[str, dict[str, Any]]
    people: dict[str, Person]

    def knows(self, address: Address) -> bool:
        """An example of the page is known."""
        return "<" not in address.route or address.name in self.by_name

    def filled(self, address: Address) -> dict[str, Any]:
        """Values for the address."""
        return self.by_name.get(address.name, {})


def a_world() -> World:
    """Build it; the test has a data area of its own."""
    company = bank_files.a_receiving_company(bank_files.ACCOUNT, auto=False)
    company.allow_preapproval = True
    company.save(update_fields=["allow_preapproval"])
    people = {role: build.a_person(role, company=company) for role in Role.values}
    for _ in range(2):
        build.an_approver(company)
    partner = company.bank_partners.get()
    draft = build.an_estimate(company, 2, bank_partner=partner)
    sent = build.an_estimate(company, 2, bank_partner=partner)
    for payment, number in ((draft, DRAFT), (sent, UPLOADED)):
        payment.number = number
        payment.save(update_fields=["number"])
    upload(sent, people[Role.ACCOUNTANT])
    credit = bank_files.a_credit(bank_files.a_payment("700.00", text="no reference"))
    debit = bank_files.a_credit(bank_files.a_payment("12.00", text="card"), way="DBIT")
    bank_files.loaded(company, bank_files.camt054(credit, debit))
    file = bank_files.loaded(company, bank_files.camt053(credit, debit, opening="0.00", closing="688.00"))
    parked = company.incoming_payments.get()
    owed = company.open_debits.get()
    exchange = traffic.record(Direction.OUT, "upload", Outcome.OK, company=company, reference="M-7001")
    by_name = _payment_pages(draft, sent, company, people) | _incoming_pages(parked, file, owed)
    by_name |= _set_up_pages(company, partner, people)
    by_name |= _data_pages(company, people)
    message = InboxMessage.objects.create(key="world", message_id="W-1", raw="{}", received_at=timezone.now())
    for name in ("message", "resolve_message"):
        by_name[name] = {"pk": message.pk}
    by_name["file_kind"] = {"kind": "camt"}
    for name in ("exchange", "exchange_file", "exchange_source", "exchange_understood"):
        by_name[name] = {"pk": exchange.pk}
    by_name |= {name: {"pk": company.pk} for name in ("enter_key", "rotate_key")}
    walk = ActivationRun.objects.create(person=people[Role.ADMINISTRATOR], started_at=timezone.now())
    by_name |= {"activation_step": {"pk": walk.pk, "step": "start"}, "activation_failed": {"pk": walk.pk}}
    return World(company, by_name, people)


def _payment_pages(draft, sent, company, people):
    contradiction = AnswerException.objects.create(
        company=company, key="world", kind="contradiction", text="5 after 4", source="test", payment=sent
    )
    decision = PayeeDecision.objects.create(
        company=company, transfer=sent.transfers.get(), act="release", reason="asked", asked_by=people[Role.ACCOUNTANT]
    )
    view = SavedView.objects.create(company=company, person=people[Role.READER], page="overview", name="Mine")
    pages = {name: {"number": DRAFT} for name in ("draft", "draft_take_out", "draft_delete", "upload")}
    pages |= {
        name: {"number": UPLOADED}
        for name in (
            "uploaded",
            "approval_one",
            "approval_lines",
            "approval_undo",
            "approval_move",
            "payment",
            "payment_note",
            "evidence_of_payment",
            "payment_again",
            "upload_stop",
            "payment_batch",
            "payment_ask",
            "payee_check",
            "guided_test_of",
            "guided_test_cancel",
        )
    }
    return pages | {
        "draft_line": {"number": DRAFT, "line_no": 1},
        "payment_line": {"number": UPLOADED, "line_no": 1},
        "payment_confirmation": {"number": UPLOADED, "line_no": 1},
        "approval_amend": {"number": UPLOADED, "line_no": 1},
        "mail_approvals": {"company": company.number},
        "mail_approval": {"company": company.number, "number": UPLOADED},
        "mail_payment": {"company": company.number, "number": UPLOADED},
        "payment_file": {"number": UPLOADED, "pk": sent.transfers.get().pk},
        **{name: {"pk": sent.transfers.get().pk} for name in ("transfer_ask", "transfer_cancel", "transfer_approve")},
        "exception_done": {"pk": contradiction.pk},
        "payee_check_ask": {"number": UPLOADED, "pk": sent.transfers.get().pk},
        "payee_check_decide": {"number": UPLOADED, "pk": decision.pk},
        "payee_check_name": {"number": UPLOADED, "position": 1},
        "overview_forget": {"pk": view.pk},
    }


def _incoming_pages(parked, file, debit):
    pages = {name: {"payment_id": parked.pk} for name in INCOMING}
    pages |= {
        name: {"file_id": file.pk}
        for name in ["bank_file", "bank_file_source", "bank_file_understood", "bank_file_download", "import_bank_file"]
    }
    pages |= {
        name: {"pk": debit.pk}
        for name in (*("post_debit", "pay_entry_debit", "known_debit", "settle_debit", "fee_debit", "hand_debit"),)
    }
    pages["statement"] = {"statement_id": file.statements.get().pk}
    line = file.entries.first()
    pages |= {
        name: {"line_id": line.pk}
        for name in ("decide_line", "book_line", "post_line", "tie_line", "known_line", "reopen_line")
    }
    return pages | _rule_pages(parked.company)


def _rule_pages(company):
    phrase = PhraseRule.objects.create(company=company, phrase="parking fee", gl_account="3600")
    customer = company.customers.first() or build.a_customer(company)
    payer = PayerAccount.objects.create(
        company=company, account="12345678903", customer=customer, last_seen_on=build.TODAY
    )
    pages = {name: {"rule": "rf"} for name in ("switch_rule", "move_rule")}
    pages |= {name: {"pk": phrase.pk} for name in ("change_phrase", "switch_phrase", "remove_phrase")}
    return pages | {"forget_payer": {"pk": payer.pk}}


def _set_up_pages(company, partner, people):
    batch = ledger.build(
        company,
        ledger_specs.BatchSpec(BatchKind.MANUAL, "world", "bank", "By hand", build.TODAY),
        [
            ledger_specs.VoucherSpec(
                "world:1",
                build.TODAY,
                "By hand",
                (ledger_specs.PostingSpec("7770", Decimal(100)), ledger_specs.PostingSpec("1920", Decimal(-100))),
            )
        ],
    )
    batch.number = 7001
    batch.save(update_fields=["number"])
    voucher = batch.vouchers.get()
    voucher.number = 7001
    voucher.save(update_fields=["number"])
    supplier = build.a_supplier(company)
    change = PendingChange.objects.create(
        company=company,
        table="supplier",
        object_id=supplier.pk,
        field="account",
        before=supplier.account,
        after=build.a_norwegian_account(),
        asked_by=people[Role.ACCOUNTANT],
    )
    factoring = company.factoring_companies.get()
    invited = invitations.invite(company, "new@example.com", [Role.READER], "en", people[Role.ADMINISTRATOR])
    return {
        "batch": {"number": 7001},
        "post_batch": {"number": 7001},
        "voucher": {"voucher_id": voucher.pk},
        "voucher_numbered": {"series": "bank", "number": 7001},
        "reverse_voucher": {"voucher_id": voucher.pk},
        "lock_period": {"year": 2026, "month": 10},
        "unlock_period": {"year": 2026, "month": 10},
        "close_period": {"year": 2026, "month": 10},
        "closing_point": {"year": 2026, "month": 10, "check": "parked"},
        "take_late": {"number": 7001},
        "account": {"number": partner.number},
        "cash_account": {"number": partner.number},
        "tie_lines": {"number": partner.number},
        "pending_decide": {"pk": change.pk},
        "person_roles": {"pk": people[Role.READER].pk},
        **{name: {"pk": people[Role.READER].pk} for name in PERSON},
        **{name: {"pk": invited.pk} for name in ("invitation_again", "invitation_withdraw")},
        "setup_rows": {"table": "supplier"},
        "setup_new": {"table": "supplier"},
        "setup_row": {"table": "supplier", "pk": supplier.pk},
        "try_cid": {"pk": factoring.pk},
        "agreement_move": {"pk": company.agreements.get().pk},
        "agreement_mandate": {"pk": company.agreements.get().pk},
        "deputy_end": {"pk": _a_deputy(company, people).pk},
        "shared_rows": {"table": "country"},
        "shared_new": {"table": "country"},
        "shared_row": {"table": "country", "pk": "NO"},
    }


def _a_deputy(company, people) -> Deputy:
    return Deputy.objects.create(
        company=company,
        person=people[Role.APPROVER],
        deputy=people[Role.READER],
        starts_on=build.TODAY,
        ends_on=build.TODAY,
    )


def _data_pages(company, people):
    job = acts.start(company, SUPPLIERS, b"No;Name;Country\n1;x;NO\n", "world.csv", people[Role.ADMINISTRATOR])
    pages = {name: {"table": "supplier"} for name in ("table_import", "table_template_csv", "table_template_xlsx")}
    key, _text = keys.make(company, "world", keys.Rights(can_write=True), people[Role.ADMINISTRATOR], None)
    run = ExportRun.objects.create(company=company, made_by=people[Role.ACCOUNTANT], made_at=timezone.now())
    pages |= {"api_key_revoke": {"pk": key.pk}, "export_run": {"pk": run.pk}, "export_file": {"pk": run.pk}}
    pages["pending_decide_set"] = {"job": job.pk}
    return pages | {
        f"table_import_{name}": {"pk": job.pk} for name in ("job", "columns", "run", "back", "drop", "refused")
    }


def an_operator(kind=InstanceRoleKind.OPERATIONS) -> Person:
    """Somebody with a right over the installation and in no company."""
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=kind)
    return person
