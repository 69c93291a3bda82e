"""Vouchers as a file for another ledger: one row a posting, CSV or XLSX, or SIE 4 for a Swedish company."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel import export
from companies.clock import business_date
from companies.models import Company
from payments.books import sie
from payments.lists import journal_queries
from payments.lists.account_names import account_names
from payments.models import Posting, Voucher

SWEDEN = "SE"


def _party_number(row: Posting) -> str:
    party = row.customer or row.supplier
    return str(party.number) if party else ""


def _party_name(row: Posting) -> str:
    party = row.customer or row.supplier
    return party.name if party else ""


COLUMNS = (
    export.Column(_("Batch"), "voucher.batch.number", "number"),
    export.Column(_("Series"), "voucher.series"),
    export.Column(_("Voucher"), "voucher.number", "number"),
    export.Column(_("Value date"), "voucher.value_date", "day"),
    export.Column(_("Text"), "voucher.text"),
    export.Column(_("Account"), "account"),
    export.Column(_("Customer or supplier no."), _party_number),
    export.Column(_("Customer or supplier"), _party_name),
    export.Column(_("Debit"), "debit", "amount"),
    export.Column(_("Credit"), "credit", "amount"),
    export.Column(_("Currency"), "currency_code"),
    export.Column(_("Amount in currency"), "currency_amount", "amount"),
    export.Column(_("Rate"), "rate", "amount"),
    export.Column(_("Cross reference"), "cross_reference"),
    export.Column(_("Bank reference"), "voucher.bank_reference"),
    export.Column(_("AutoPay reference"), "voucher.autopay_reference"),
    export.Column(_("Extra text"), "voucher.extra_text"),
    export.Column(_("Department"), "department"),
    export.Column(_("State"), "voucher.batch.get_state_display"),
)


def answer(request: HttpRequest, company: Company, rows: QuerySet[Voucher], query: str) -> HttpResponseBase:
    """The vouchers as `?export=` asks: csv, xlsx, or sie (posted vouchers only, Swedish companies only)."""
    if request.GET.get("export") == "sie" and company.country_id == SWEDEN:
        posted = journal_queries.with_postings(rows.filter(number__isnull=False)).order_by("series", "number")
        content = sie.export(company, posted.iterator(chunk_size=500), account_names(company), business_date(company))
        response = StreamingHttpResponse(content, content_type="application/octet-stream")
        name = f"{slugify(company.name)}-{timezone.localdate().isoformat()}.se"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    return export.answer(request, "vouchers", COLUMNS, journal_queries.postings(rows), query)
