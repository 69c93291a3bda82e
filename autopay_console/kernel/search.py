"""One search box for every list: `status:8 due<2026-02-01 amount>=1000 supplier:nordlys -cancelled "free text"`.

Each list declares its fields; what was typed becomes a database condition and chips, or an error that names the
place and what was probably meant. Free words go to the list's own search, which is exact or by prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from autopay_console.kernel import search_values
from autopay_console.kernel.search_values import NotAValue

TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<name>[^\W\d][\w-]*)(?P<op>>=|<=|[:=<>]))?(?P<value>"[^"]*"?|[^\s"]+)?')
LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
ORDERED = ("number", "amount", "day")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Field:
    """A word one may search by. `kind`: number, amount, day, choice, text (starts with), exact or yes."""

    name: str
    kind: str
    path: str
    label: Any = ""
    choices: Sequence[tuple[Any, Any]] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One understood piece of the query."""

    text: str
    field: Field | None
    operator: str
    values: tuple[Any, ...]
    negative: bool
    label: str


@dataclass(frozen=True, slots=True)
class SearchError:
    """What was not understood, where (first character is 1), and what was probably meant."""

    text: str
    position: int
    word: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """A query as it was understood."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    error: SearchError | None = None
    fields: tuple[Field, ...] = ()
    free: Callable[[str], Q] | None = field(default=None, repr=False)

    @property
    def q(self) -> Q:
        """The condition; matches nothing when the query was not understood."""
        if self.error:
            return Q(pk__in=())
        whole = Q()
        for term in self.terms:
            part = self._free(term) if term.field is None else _condition(term.field, term.operator, term.values)
            whole &= ~part if term.negative else part
        return whole

    def _free(self, term: Term) -> Q:
        return self.free(term.values[0]) if self.free else Q(pk__in=())

    @property
    def data(self) -> dict[str, Any]:
        """Understood fields as form data: `{"status": [8], "due__lt": date(…)}`; negative terms and words left out."""
        found: dict[str, Any] = {}
        for term in self.terms:
            if term.field is None or term.negative:
                continue
            name = term.field.name
            if term.operator in LOOKUPS:
                found[f"{name}__{LOOKUPS[term.operator]}"] = term.values[0]
            else:
                found.setdefault(name, []).extend(term.values)
        return found

    def without(self, term: Term) -> str:
        """The query when this term is dropped."""
        return " ".join(one.text for one in self.terms if one is not term)

    @property
    def chips(self) -> list[tuple[str, str]]:
        """(words, query without it) for each understood term."""
        return [(term.label, self.without(term)) for term in self.terms]

    def has(self, text: str) -> bool:
        """Whether this very term is part of the query."""
        return any(term.text == text for term in self.terms)

    def __bool__(self) -> bool:
        return bool(self.text)


def understand(
    request: HttpRequest,
    fields: Iterable[Field],
    *,
    free: Callable[[str], Q] | None = None,
    today: date | None = None,
) -> Search:
    """The query of a request (all `q` together) in these fields."""
    return parse(" ".join(request.GET.getlist("q")), fields, free=free, today=today)


def parse(
    text: str,
    fields: Iterable[Field],
    *,
    free: Callable[[str], Q] | None = None,
    today: date | None = None,
) -> Search:
    """Read a query. Never raises: what cannot be read becomes `Search.error`."""
    text = " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())[:500]
    known = {one.name: one for one in fields}
    terms: list[Term] = []
    for match in TOKEN.finditer(text):
        if not match.group(0):
            continue
        term = _term(match, known, today)
        if isinstance(term, SearchError):
            return Search(text, (), term, tuple(known.values()), free)
        terms.append(term)
    return Search(text, tuple(terms), None, tuple(known.values()), free)


def _term(match: re.Match[str], known: dict[str, Field], today: date | None) -> Term | SearchError:
    whole, name, operator = match.group(0), match.group("name"), match.group("op")
    raw = (match.group("value") or "").strip('"')
    minus = match.group("minus")
    start = match.start() + 1 + len(minus)
    if name is None:
        if not raw:
            return SearchError(_("A minus needs a word after it."), start, whole)
        return Term(whole, None, ":", (raw,), bool(minus), f"−{raw}" if minus else raw)
    wanted = known.get(name.lower())
    if wanted is None:
        return _unknown(name, operator, match.group("value") or "", start, known)
    if operator in LOOKUPS and wanted.kind not in ORDERED:
        return SearchError(
            _("“%(name)s” has no order, so %(operator)s does not work.") % {"name": name, "operator": operator},
            start,
            whole,
            f"{name}:{raw}",
        )
    if not raw:
        return SearchError(_("“%(name)s” needs a value.") % {"name": name}, start, whole, wanted.example)
    try:
        values = search_values.read(wanted.kind, raw, wanted.choices, today)
    except NotAValue as error:
        return SearchError(
            str(error), start + len(name) + len(operator), raw, f"{name}{operator}{error.meant}" if error.meant else ""
        )
    sign = "−" if minus else ""
    shown = search_values.shown(wanted.kind, raw, values, wanted.choices)
    label = f"{sign}{wanted.label or name}{': ' if operator in ':=' else ' ' + operator + ' '}{shown}"
    return Term(whole, wanted, operator, values, bool(minus), label)


def _unknown(name: str, operator: str, value: str, start: int, known: dict[str, Field]) -> SearchError:
    close = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    meant = f"{close[0]}{operator}{value}" if close else ""
    return SearchError(_("“%(name)s” is not a field.") % {"name": name}, start, name, meant)


def _condition(wanted: Field, operator: str, values: tuple[Any, ...]) -> Q:
    if wanted.kind == "day":
        return _days(wanted.path, operator, values)
    if operator in LOOKUPS:
        return Q(**{f"{wanted.path}__{LOOKUPS[operator]}": values[0]})
    if wanted.kind == "text":
        whole = Q()
        for value in values:
            whole |= Q(**{f"{wanted.path}__istartswith": value})
        return whole
    whole = Q()
    for value in values:  # not __in, which no back end protects from numbers that are too large
        whole |= Q(**{wanted.path: value})
    return whole


def _days(path: str, operator: str, values: tuple[Any, ...]) -> Q:
    """A day may be a whole month or quarter: `due<2026-02` ends before it, `due>2026-02` starts after it."""
    first, last = values
    if operator in ("<", ">="):
        return Q(**{f"{path}__{LOOKUPS[operator]}": first})
    if operator in ("<=", ">"):
        return Q(**{f"{path}__{LOOKUPS[operator]}": last})
    return Q(**{f"{path}__gte": first, f"{path}__lte": last})


def narrow(rows: QuerySet[Row], search: Search) -> QuerySet[Row]:
    """The rows that match."""
    return rows.filter(search.q) if search.terms or search.error else rows
