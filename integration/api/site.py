"""The API's addresses: who may call, what is answered, and a line in the traffic log for every call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from integration.api import entries, errors, keys, reading, schemas
from integration.api.errors import Refused
from integration.api.once import Answer, once
from integration.models import ApiKey
from payments.table_import.tables import CUSTOMER_ENTRIES, SUPPLIER_ENTRIES

log = structlog.get_logger(__name__)
DESCRIPTION = """Open entries in, statuses and vouchers out, for one company. Send the key as `Authorization: Bearer …`.
A call that writes takes an `Idempotency-Key`: the same call sent again is answered from memory and done once."""
REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 403, 409, 422, 429), schemas.ErrorOut)


class Bearer(HttpBearer):
    """The key in the Authorization header; each call is counted."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = keys.find(token)
        if key is None:
            return None
        request.api_key = key  # type: ignore[attr-defined]
        if wait := keys.take_call(key):
            text = f"Too many calls this minute. Try again in {wait} seconds."
            raise Refused(429, "too_many_calls", text, {"Retry-After": str(wait)})
        return key


api = NinjaAPI(
    title="AutoPay Console", version="1", description=DESCRIPTION, docs_url=None, auth=Bearer(), urls_namespace="api"
)


@api.post(
    "/supplier-entries",
    response={200: schemas.EntriesOut, 422: schemas.EntriesOut | schemas.ErrorOut}
    | {code: one for code, one in REFUSALS.items() if code != 422},
    tags=["Open entries in"],
    summary="Send invoices and credit notes to be paid",
)
def supplier_entries(request: HttpRequest, data: schemas.SupplierEntriesIn) -> HttpResponse:
    """Entries are made, changed or left as they are, by supplier, kind and invoice number. What is paid or on its way
    to the bank is never changed."""
    key = _allowed(request, "can_write")
    return _written(
        request,
        key,
        lambda: entries.take_in(key, SUPPLIER_ENTRIES, data.entries, all_or_nothing=data.all_or_nothing),
    )


@api.post(
    "/customer-entries",
    response={200: schemas.EntriesOut, 422: schemas.EntriesOut | schemas.ErrorOut}
    | {code: one for code, one in REFUSALS.items() if code != 422},
    tags=["Open entries in"],
    summary="Send invoices and credit notes customers owe",
)
def customer_entries(request: HttpRequest, data: schemas.CustomerEntriesIn) -> HttpResponse:
    """Entries are made, changed or left as they are, by kind and invoice number."""
    key = _allowed(request, "can_write")
    return _written(
        request,
        key,
        lambda: entries.take_in(key, CUSTOMER_ENTRIES, data.entries, all_or_nothing=data.all_or_nothing),
    )


@api.get(
    "/statuses",
    response={200: schemas.StatusesOut} | REFUSALS,
    tags=["Statuses and vouchers out"],
    summary="Changes of payment lines' statuses",
)
def statuses(
    request: HttpRequest,
    cursor: Query[str] = "",
    since: Query[datetime | None] = None,
    limit: int = Query(200, ge=1, le=1000),  # type: ignore[type-arg]
) -> Any:
    """Every change once, in order. Salary lines only for keys that may see them."""
    return reading.statuses(_allowed(request, "reads_statuses"), cursor, _zoned(since), limit)


@api.get(
    "/vouchers",
    response={200: schemas.VouchersOut} | REFUSALS,
    tags=["Statuses and vouchers out"],
    summary="Posted vouchers with their postings",
)
def vouchers(
    request: HttpRequest,
    cursor: Query[str] = "",
    since: Query[datetime | None] = None,
    limit: int = Query(200, ge=1, le=1000),  # type: ignore[type-arg]
) -> Any:
    """Every voucher once, in the order of posting. Salary vouchers only for keys that may see them."""
    return reading.vouchers(_allowed(request, "reads_vouchers"), cursor, _zoned(since), limit)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    response = api.create_response(request, errors.body(refusal.code, refusal.text), status=refusal.status)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


@api.exception_handler(ValidationError)
def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    text = "The call is not as described; see fields."
    return api.create_response(request, errors.body("not_valid", text, errors.fields_of(error)), status=422)


@api.exception_handler(AuthenticationError)
def _not_known(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    text = "Send a valid key as Authorization: Bearer. It may be revoked or out of date."
    return api.create_response(request, errors.body("key", text), status=401)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return api.create_response(request, errors.body("call", str(error)), status=error.status_code)


def _allowed(request: HttpRequest, right: str) -> ApiKey:
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    if not getattr(key, right):
        raise Refused(403, "right", "This key may not do that. An administrator makes keys under API keys.")
    return key


def _written(request: HttpRequest, key: ApiKey, work: Callable[[], Answer]) -> HttpResponse:
    (status, answer), repeated = once(request, key, work)
    request.api_count = len(answer.get("entries", ()))  # type: ignore[attr-defined]
    response = api.create_response(request, answer, status=status)
    if repeated:
        response["Idempotency-Replayed"] = "true"
    return response


def _zoned(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise Refused(422, "since", "Write since with a time zone, such as 2026-11-25T08:00:00Z.")
    return moment
