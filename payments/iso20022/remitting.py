"""What the payee is told: a reference, a list of documents, or a message; and what has to be left out.

A payee books by it. Banks take either structured remittance or text, a giro takes one reference and no text,
and a Swedish salary takes nothing. Source: ISO 20022 mapping 1.3 and 1.10.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from companies.problems import Problem, gettext_noop, warning
from payments.iso20022 import charset
from payments.iso20022.currencies import written
from payments.iso20022.order_kinds import CharacterSet, DanishGiro, Netting, PaymentType, ReferenceKind
from payments.iso20022.orders import Document, Item, Profile, Reference
from payments.iso20022.payment_types import (
    FOREIGN_TYPES,
    NORWEGIAN_TYPES,
    SALARIES,
    SEPA_TYPES,
    SWEDISH_TYPES,
    basic_letters_only,
    text_limit,
)

_CARD_TYPES = frozenset({PaymentType.DK_FIK, PaymentType.DK_GIRO})
_NO_TEXT_BESIDE_REFERENCE = SEPA_TYPES | _CARD_TYPES
_DROPPED = gettext_noop("The message text is not sent: %(why)s.")


class Structured(NamedTuple):
    """One structured remittance: a document, a reference, or both; `amount` None writes no amount."""

    reference: Reference | None = None
    document: Document | None = None
    amount: Decimal | None = None


class Remittance(NamedTuple):
    """What goes into the file, and what the person should know about it."""

    structured: tuple[Structured, ...] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()


NOTHING = Remittance()


def alphabet(kind: PaymentType, profile: Profile) -> CharacterSet:
    """The letters this payment may carry."""
    return CharacterSet.BASIC if basic_letters_only(kind) else profile.character_set


def compose(item: Item, profile: Profile) -> Remittance:
    """Remittance of one item by the habits of its payment type and bank."""
    kind, purpose = item.terms.payment_type, item.terms.category_purpose
    if purpose and purpose in SALARIES and item.debtor.country == "SE":
        return Remittance(notes=_dropped(item.text, gettext_noop("a Swedish salary takes no remittance")))
    if kind in FOREIGN_TYPES:
        return _as_text(item, profile, _spoken(item))
    if kind in NORWEGIAN_TYPES and profile.netting is Netting.STRUCTURED and item.documents:
        if _text_alone_says_it(item):
            return _as_text(item, profile, item.text)
        return _with_text(item, profile, _listed(item, profile))
    reference = _single_reference(item)
    if reference and not _card_without_id(reference):
        return _with_text(item, profile, (_referenced(reference, item, profile),))
    return _as_text(item, profile, item.text or document_list(item.documents, item.currency))


def document_list(documents: tuple[Document, ...], currency: str) -> str:
    """Invoices and credit notes as people write them: one number alone, else `INV1 100,00 CREN7 -20,00`."""
    if len(documents) == 1:
        return documents[0].number
    return " ".join(
        f"{d.number} {'-' if d.kind == 'CREN' else ''}{written(d.amount, currency).replace('.', ',')}"
        for d in documents
    )


def _text_alone_says_it(item: Item) -> bool:
    """Extra text replaces the number of a single invoice that has no reference."""
    return bool(item.text) and len(item.documents) == 1 and _single_reference(item) is None


def _single_reference(item: Item) -> Reference | None:
    if item.reference is not None:
        return item.reference
    return item.documents[0].reference if len(item.documents) == 1 else None


def _card_without_id(reference: Reference) -> bool:
    return reference.kind is ReferenceKind.FIK and not reference.value[3:]


def _spoken(item: Item) -> str:
    """Foreign banks pass on text only, so the reference stands first in it."""
    reference = _single_reference(item)
    body = item.text or document_list(item.documents, item.currency)
    return f"{reference.value} {body}".strip() if reference else body


def _listed(item: Item, profile: Profile) -> tuple[Structured, ...]:
    """One Strd per invoice and credit note; a single invoice may take the item's own reference."""
    if len(item.documents) > 1:
        return tuple([Structured(one.reference, one, one.amount) for one in item.documents])
    only = item.documents[0]
    return (Structured(only.reference or item.reference, only, only.amount if profile.strd_amount else None),)


def _referenced(reference: Reference, item: Item, profile: Profile) -> Structured:
    """A lone reference; SEPA has room for nothing beside it (140 characters with tags)."""
    kind = item.terms.payment_type
    if kind in SEPA_TYPES:
        return Structured(reference)
    if kind in _CARD_TYPES and profile.danish_giro is DanishGiro.IBK:
        reference = reference._replace(value=reference.value[3:])
    bare = kind in SWEDISH_TYPES or kind in _CARD_TYPES or len(item.documents) != 1
    document = None if bare else item.documents[0]
    return Structured(reference, document, item.amount if profile.strd_amount else None)


def _with_text(item: Item, profile: Profile, structured: tuple[Structured, ...]) -> Remittance:
    if not item.text:
        return Remittance(structured)
    if profile.strd_and_ustrd and item.terms.payment_type not in _NO_TEXT_BESIDE_REFERENCE:
        return _as_text(item, profile, item.text)._replace(structured=structured)
    return Remittance(structured, (), _dropped(item.text, gettext_noop("the payee books by the reference")))


def _as_text(item: Item, profile: Profile, text: str) -> Remittance:
    if not text:
        return NOTHING
    kind = item.terms.payment_type
    limit = text_limit(kind, profile)
    cleaned = charset.cleaned(text, alphabet(kind, profile))
    lines, left_out = charset.lines(cleaned.text, limit.lines, limit.length)
    notes: tuple[Problem, ...] = ()
    if cleaned.text != text and (note := cleaned.note):
        notes += (note,)
    if left_out:
        message = gettext_noop("The message is cut to %(lines)s lines of %(length)s characters.")
        notes += (warning("text_cut", message, lines=limit.lines, length=limit.length),)
    return Remittance((), lines, notes)


def _dropped(text: str, why: str) -> tuple[Problem, ...]:
    return (warning("text_dropped", _DROPPED, why=why),) if text else ()
