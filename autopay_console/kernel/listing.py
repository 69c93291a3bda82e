"""Long lists: sorted by a whitelist, paged by key (never by offset), counted up to a limit.

A list of 100 000 lines opens its last page as fast as its first, and a count that nobody needs exactly stops at
10 000. The result object is what the list templates share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Count, IntegerField, Model, QuerySet, Subquery, Sum
from django.http import HttpRequest, QueryDict

from autopay_console.kernel import paging
from autopay_console.kernel.numbers import as_key, as_number
from autopay_console.kernel.search import Search, narrow

PER_PAGE = 50
PER_PAGE_CHOICES = (25, 50, 100, 200)
COUNT_LIMIT = 10_000
SUM_LIMIT = 10_000
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the views over a list: words, address, how many, whether it is the one shown."""

    label: Any
    url: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """Sum of one currency; currencies are never added together."""

    currency: str
    amount: Decimal
    count: int


@dataclass(slots=True)
class Listing:
    """One page of a list and how to get to the others."""

    rows: list[Any]
    count: int
    search: Search
    sort: str
    sorts: Mapping[str, str]
    query: QueryDict
    path: str
    first: int = 1
    after: str = ""
    before: str = ""
    per_page: int = PER_PAGE
    totals: Sequence[Total] = ()
    totals_left_out: bool = False
    part: str = "listing"
    extra: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def more_than_counted(self) -> bool:
        return self.count > COUNT_LIMIT

    @property
    def counted(self) -> int:
        return min(self.count, COUNT_LIMIT)

    def url(self, **changes: Any) -> str:
        """This list with other parameters; a change always leads back to the first page."""
        query = self.query.copy()
        for name in ("after", "before", "export", "sums", "q"):
            query.pop(name, None)
        text = self.search.text
        for name, value in {"q": text, **changes}.items():
            query.pop(name, None)
            if value not in ("", None):
                query[name] = str(value)
        written = query.urlencode(safe="/:,")
        return f"{self.path}?{written}" if written else self.path

    @property
    def next_url(self) -> str:
        return self.url(after=self.after) if self.after else ""

    @property
    def previous_url(self) -> str:
        return self.url(before=self.before) if self.before else ""

    @property
    def first_url(self) -> str:
        return self.url()

    @property
    def clear_url(self) -> str:
        return self.url(q="")

    @property
    def meant_url(self) -> str:
        """The query with the misread word put right."""
        error = self.search.error
        if error is None:
            return self.url()
        text, start = self.search.text, error.position - 1
        left = text[:start].rpartition(" ")
        rest = text[start:].partition(" ")
        return self.url(q=f"{left[0]} {error.suggestion} {rest[2]}".strip())

    @property
    def csv_url(self) -> str:
        return self.url(export="csv")

    @property
    def xlsx_url(self) -> str:
        return self.url(export="xlsx")

    @property
    def sums_url(self) -> str:
        """This page of the list with its sums, however many rows they add."""
        query = self.query.copy()
        query["sums"] = "1"
        return f"{self.path}?{query.urlencode()}"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters a new search keeps: the tab, the sort."""
        dropped = ("q", "after", "before", "export", "sums", "per")
        return [(name, value) for name, values in self.query.lists() if name not in dropped for value in values]

    @property
    def examples(self) -> list[str]:
        """What may be typed in the fields that have no list of choices."""
        return [one.example for one in self.search.fields if one.example and not one.choices]

    @property
    def own_url(self) -> str:
        """Where htmx asks for this very page again."""
        return f"{self.path}?{self.query.urlencode()}" if self.query else self.path

    @property
    def chips(self) -> list[tuple[str, str]]:
        """(words, address without it) of each understood term."""
        return [(words, self.url(q=text)) for words, text in self.search.chips]

    @property
    def filters(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The filter menu: field label, then (word, address, whether it is on) of its choices."""
        found = []
        for one in self.search.fields:
            options = []
            for value, word in one.choices:
                text = f"{one.name}:{value}"
                on = self.search.has(text)
                kept = [term.text for term in self.search.terms if term.text != text]
                shown = f"{value} {word}" if isinstance(value, int) else str(word)
                options.append((shown, self.url(q=" ".join(kept if on else [*kept, text])), on))
            if options:
                found.append((str(one.label or one.name), options))
        return found

    def sort_url(self, key: str) -> str:
        return self.url(sort=f"-{key}" if self.sort == key else key)

    def direction(self, key: str) -> str:
        """What `aria-sort` says about this column."""
        if self.sort.lstrip("-") != key:
            return ""
        return "descending" if self.sort.startswith("-") else "ascending"


def list_rows(
    request: HttpRequest,
    rows: QuerySet[Row],
    *,
    sorts: Mapping[str, str],
    default: str,
    search: Search | None = None,
    part: str = "listing",
) -> Listing:
    """Narrow, sort and cut one page. `sorts` maps the word in the address to a column that is never null.

    `default` is such a word, with `-` for descending. The primary key breaks ties.
    """
    search = Search() if search is None else search
    rows = narrow(rows, search)
    sort = request.GET.get("sort", default)
    if sort.lstrip("-") not in sorts:
        sort = default
    per_page = _per_page(request)
    backwards = bool(request.GET.get("before"))
    mark = paging.read_mark(request.GET.get("before") or request.GET.get("after") or "", rows, sorts[sort.lstrip("-")])
    found, more = paging.cut(rows, sorts[sort.lstrip("-")], sort.startswith("-"), mark, backwards, per_page)
    first = paging.first_position(mark, backwards, len(found), more)
    listing = Listing(
        rows=found,
        count=count_up_to(rows) if mark or more else len(found),
        search=search,
        sort=sort,
        sorts=sorts,
        query=request.GET.copy(),
        path=request.path,
        first=first,
        per_page=per_page,
        part=part,
    )
    if found:
        column = sorts[sort.lstrip("-")]
        if more if not backwards else mark:
            listing.after = paging.write_mark(found[-1], column, listing.last)
        if first > 1 and (mark if not backwards else more):
            listing.before = paging.write_mark(found[0], column, first)
    return listing


def count_up_to(rows: QuerySet[Any], limit: int = COUNT_LIMIT) -> int:
    """How many, but never more than one beyond the limit."""
    return rows.order_by()[: limit + 1].count()


class HowMany(Subquery):
    """How many rows a query finds, as a part of another question; of a cut query (`rows[:1000]`) at most that many."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.values("pk"))


def sums(rows: QuerySet[Any], currency: str, amount: str, *, limit: int = SUM_LIMIT) -> list[Total] | None:
    """Sum and count per currency, largest count first; None when there are more rows than are added at once."""
    return None if count_up_to(rows, limit) > limit else added(rows, currency, amount)


def add_sums(page: Listing, rows: QuerySet[Any], currency: str, amount: str) -> None:
    """Put the sums of a list on its page: at once up to 10 000 rows, beyond that when somebody asks for them."""
    page.totals_left_out = page.more_than_counted and page.query.get("sums") != "1"
    page.totals = added(rows, currency, amount) if page.rows and not page.totals_left_out else ()


def added(rows: QuerySet[Any], currency: str, amount: str) -> list[Total]:
    """Sum and count per currency of all these rows, largest count first."""
    found = rows.order_by().values_list(currency).annotate(total=Sum(amount), many=Count("pk"))
    return sorted((Total(code, total, many) for code, total, many in found), key=lambda one: (-one.count, one.currency))


def picked(request: HttpRequest, rows: QuerySet[Row], *, key: str = "pk", name: str = "pick") -> QuerySet[Row]:
    """The rows a person ticked, or all of them when "select all that match" was chosen.

    `rows` is the list already narrowed by company and query, so nobody picks what they may not see. Ticks beyond
    1 000 are ignored: more than a page can only come from "select all".
    """
    if request.POST.get("all") == "1":
        return rows
    ticked = [value for value in request.POST.getlist(name)[:1000] if value.isprintable()]
    ticked = [value for value in ticked if as_key(value) or not value.isdecimal()]  # no table holds larger numbers
    try:
        return rows.filter(**{f"{key}__in": ticked})
    except (ValueError, ValidationError):
        return rows.none()


def _per_page(request: HttpRequest) -> int:
    """The page size is remembered for the session."""
    wanted = as_number(request.GET.get("per", ""), 0)
    if wanted in PER_PAGE_CHOICES:
        request.session["per_page"] = wanted
        return wanted
    kept = request.session.get("per_page") if hasattr(request, "session") else None
    return kept if kept in PER_PAGE_CHOICES else PER_PAGE
