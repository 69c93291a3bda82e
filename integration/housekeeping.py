"""What the schedule does every few minutes beside sending and receiving: places, unfinished exports, old keys."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from integration import collecting, company_sync, error_folders, exporting
from integration.gateway import nonces
from integration.models import ApiKey, ApiRequest
from payments import publishing

ANSWERS_KEPT = timedelta(days=30)  # of the API: a program that repeats a call does so at once


def keep_house() -> None:
    """Collect files from folders and servers, carry on with exports, forget what is over."""
    company_sync.forget_previous_keys()
    nonces.forget_old()
    ApiRequest.objects.filter(created_at__lt=timezone.now() - ANSWERS_KEPT).delete()
    if ApiKey.objects.exists():  # so that a program that comes rarely does not wait for its places
        publishing.publish_changes()
        publishing.publish_batches()
    exporting.carry_on()
    collecting.collect_all()
    error_folders.look()
