"""Mails about payments: one a person and run, however many payments it names, each thing told to an address once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from companies import mails
from companies.models import Company, Person
from payments.choices import NoticeWhy
from payments.models import Notice, Payment


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a mail goes and in which language; `person` is None for an address of the bank agreement."""

    address: str
    language: str
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One payment and why somebody hears of it; `mark` says which day, cut-off or change."""

    payment: Payment
    why: NoticeWhy
    mark: str = ""


def addresses(text: str) -> list[str]:
    """The e-mail addresses of a list in the agreement: by semicolon, comma or line."""
    words = text.replace("\n", ";").replace(",", ";").split(";")
    return list(dict.fromkeys(one.strip() for one in words if "@" in one))


def receivers(company: Company, text: str) -> list[Receiver]:
    """Addresses of an agreement, each in the language of the person who has it, else in the company's."""
    found = addresses(text)
    known = (
        {one.email.casefold(): one for one in Person.objects.filter(email__in=found, is_active=True)} if found else {}
    )
    return [
        Receiver(one, (person.language if (person := known.get(one.casefold())) else "") or company.language, person)
        for one in found
    ]


def receiver(company: Company, person: Person) -> Receiver:
    """A person with their own language."""
    return Receiver(person.email, person.language or company.language, person)


def untold(items: Sequence[Item], address: str) -> list[Item]:
    """What this address has not been told yet; one query."""
    rows = Notice.objects.filter(address=address.casefold(), payment_id__in={one.payment.pk for one in items})
    told = set(rows.values_list("payment_id", "round", "why", "mark"))
    return [one for one in items if (one.payment.pk, one.payment.round, one.why, one.mark) not in told]


def send(to: Receiver, items: Sequence[Item], subject: str, body: str, company: Company) -> bool:
    """Post the mail and keep what it told, both or neither; False when another process told it a moment ago."""
    named = "\n".join(sorted(f"{one.payment.pk}/{one.payment.round}/{one.why}/{one.mark}" for one in items))
    key = f"notice:{company.pk}:{hashlib.sha256(f'{to.address.casefold()}|{named}'.encode()).hexdigest()}"
    now = timezone.now()
    rows = [
        Notice(
            payment=one.payment,
            round=one.payment.round,
            why=one.why,
            mark=one.mark,
            address=to.address.casefold()[:254],
            person=to.person,
            at=now,
        )
        for one in items
    ]
    try:
        with transaction.atomic():
            Notice.objects.bulk_create(rows, batch_size=500)
            return mails.post(key, [to.address], subject, body, company=company)
    except IntegrityError:
        return False


def link(company: Company, name: str, number: int | None = None) -> str:
    """An address for a mail: it opens the page in this company, whatever company the reader last looked at."""
    args = [company.number] if number is None else [company.number, number]
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse(name, args=args)}"
