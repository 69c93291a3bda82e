"""Keys of the API: made once and shown once, kept as a digest, limited in time, in rights and in calls a minute."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Company, Person
from integration.models import ApiKey

MARK = "apk"
SHOWN = 12  # characters of a key that may be shown: enough to tell keys apart


class NotMade(Exception):
    """The key was not made; the text says why."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a key may do."""

    can_write: bool = False
    reads_statuses: bool = False
    reads_vouchers: bool = False
    sees_salary: bool = False


def make(company: Company, name: str, rights: Rights, by: Person, valid_until: datetime | None) -> tuple[ApiKey, str]:
    """A new key and its text, which is never seen again."""
    if not (rights.can_write or rights.reads_statuses or rights.reads_vouchers):
        raise NotMade(_("Choose at least one thing the key may do."))
    text = f"{MARK}_{secrets.token_urlsafe(32)}"
    try:
        with transaction.atomic():
            key = ApiKey.objects.create(
                company=company,
                name=name,
                prefix=text[:SHOWN],
                digest=digest_of(text),
                can_write=rights.can_write,
                reads_statuses=rights.reads_statuses,
                reads_vouchers=rights.reads_vouchers,
                sees_salary=rights.sees_salary,
                created_by=by,
                expires_at=valid_until,
            )
    except IntegrityError as error:
        raise NotMade(_("There is a key with this name already.")) from error
    return key, text


def revoke(key: ApiKey, by: Person) -> bool:
    """From now on the key opens nothing. False when it was revoked before."""
    mine = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True)
    return bool(mine.update(revoked_at=timezone.now(), revoked_by=by))


def keys_of(company: Company) -> QuerySet[ApiKey]:
    """The company's keys, those in use first."""
    return ApiKey.objects.filter(company=company).select_related("created_by", "revoked_by").order_by("name")


def find(text: str) -> ApiKey | None:
    """The key with this text, when it is still valid."""
    now = timezone.now()
    valid = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = ApiKey.objects.filter(valid, digest=digest_of(text), revoked_at__isnull=True)
    return rows.select_related("company", "created_by").first()


def digest_of(text: str) -> str:
    """SHA-256; the key itself is 256 bits of chance, so nothing slower is needed."""
    return hashlib.sha256(text.encode()).hexdigest()


def take_call(key: ApiKey) -> int:
    """Count a call. Zero when it may be made, else the seconds until the next minute. One UPDATE decides."""
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    mine = ApiKey.objects.filter(pk=key.pk)
    within = mine.filter(minute=minute, calls__lt=settings.API_CALLS_A_MINUTE)
    if within.update(calls=F("calls") + 1, last_used_at=now):
        return 0
    if mine.filter(Q(minute__isnull=True) | Q(minute__lt=minute)).update(minute=minute, calls=1, last_used_at=now):
        return 0
    return max(1, int((minute + timedelta(minutes=1) - now).total_seconds()) + 1)
