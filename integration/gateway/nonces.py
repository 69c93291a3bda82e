"""Nonces of signed answers: heard once they count, heard again the answer is a replay."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from integration.models import UsedNonce

KEPT = timedelta(hours=1)  # far longer than a signature is good


def spend(keyid: str, nonce: str) -> bool:
    """Use up a nonce; False when it was used before."""
    try:
        with transaction.atomic():
            UsedNonce.objects.create(keyid=keyid, nonce=nonce, at=timezone.now())
    except IntegrityError:
        return False
    return True


def forget_old() -> int:
    """Drop nonces that no signature could still use; how many. Called by the sweep."""
    return UsedNonce.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
