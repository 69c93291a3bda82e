"""A call that changes something is done once under its Idempotency-Key, however often the line breaks and it is sent.

The key's row and what the call writes are one transaction. The same key with the same body gets the stored answer;
with another body it is refused. A call that wrote nothing is not stored: it may be tried again under its key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from integration.api.errors import Refused
from integration.models import ApiKey, ApiRequest

HEADER = "Idempotency-Key"
LONGEST = 100
Answer = tuple[int, dict[str, Any]]


def once(request: HttpRequest, key: ApiKey, work: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer, and whether it is the stored one of an earlier call."""
    name = request.headers.get(HEADER, "")
    if not name:
        with transaction.atomic():
            return work(), False
    if len(name) > LONGEST or not name.isprintable():
        raise Refused(400, "idempotency_key", f"{HEADER} must be at most {LONGEST} printable characters.")
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    if (stored := _stored(key, name, digest)) is not None:
        return stored, True
    try:
        with transaction.atomic():
            row = ApiRequest.objects.create(api_key=key, key=name, digest=digest)
            answer = work()
            if answer[0] >= 400:
                row.delete()
            else:
                row.status_code, row.answer = answer[0], json.dumps(answer[1], default=str)
                row.save(update_fields=["status_code", "answer"])
            return answer, False
    except IntegrityError:
        stored = _stored(key, name, digest)  # the same call, sent twice at the same moment
        if stored is None:
            raise
        return stored, True


def _stored(key: ApiKey, name: str, digest: str) -> Answer | None:
    row = ApiRequest.objects.filter(api_key=key, key=name).first()
    if row is None:
        return None
    if row.digest != digest:
        raise Refused(409, "idempotency_conflict", f"{HEADER} {name} was used with another body. Use a new key.")
    return row.status_code, json.loads(row.answer)
