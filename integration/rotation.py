"""Changing keys: a company's signing key with Visma.net, and the keys secrets are encrypted with at rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from autopay_console.kernel.secrets import EncryptedField, unseal
from companies.models import Company, Person
from integration import company_sync, traffic
from integration.gateway import client, signing
from integration.gateway.errors import Malformed


@dataclass(frozen=True, slots=True)
class Rotated:
    """A new signing key is in force: what both sides now show as its fingerprint."""

    before: str
    after: str


def rotate_signing_key(company: Company, *, by: Person | None = None) -> Rotated:
    """Get a new signing key and prove it. GatewayError leaves a state that works: both keys are good until then.

    The new key is stored before it is used, so a crash at any moment loses neither.
    """
    before = company_sync.key_fingerprint(company)
    with traffic.on_occasion(person=by), client.connect() as gateway:
        answer = gateway.rotate_signing_key(company)
        try:
            fits = signing.fingerprint(answer.signing_key) == answer.fingerprint
        except signing.BadSignature as error:
            raise Malformed(f"The gateway sent an unusable signing key. {error}") from error
        if not fits:
            raise Malformed("The gateway sent a signing key that does not fit its fingerprint.")
        company_sync.store_key(company, answer.signing_key)
        proven = gateway.ping(company)
    if proven != answer.fingerprint:
        raise Malformed(_("The gateway still signs with another key; use Check link."))
    return Rotated(before, answer.fingerprint)


@dataclass(frozen=True, slots=True)
class Reencrypted:
    """How many secrets of one column were written anew."""

    column: str
    rows: int


def reencrypt_secrets() -> list[Reencrypted]:
    """Write every stored secret with the newest of FIELD_KEYS, so that the older keys can be taken away.

    A secret somebody changes meanwhile is left as that person wrote it (with the newest key anyway).
    """
    return [Reencrypted(f"{model._meta.label}.{name}", _reencrypt(model, name)) for model, name in _encrypted_columns()]


def _encrypted_columns() -> Iterator[tuple[type[Model], str]]:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedField):
                yield model, field.name


def _reencrypt(model: type[Model], name: str) -> int:
    # cast to plain text: the stored token is wanted, not the secret in it
    rows = model._default_manager.annotate(token=Cast(name, TextField()))
    changed = 0
    for pk, token in rows.exclude(token="").filter(token__isnull=False).order_by("pk").values_list("pk", "token"):
        changed += rows.filter(pk=pk, token=token).update(**{name: unseal(token)})
    return changed
