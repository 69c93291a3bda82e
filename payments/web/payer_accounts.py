"""Accounts customers have paid from, learned from accepted matches: looked at, and forgotten when they mislead."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import export, htmx, listing
from autopay_console.kernel.search import Field, narrow, understand
from companies.access import ConsoleRequest, company_view
from companies.accounts import account_key
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments.lists import rule_queries
from payments.matching import payer_accounts as accounts
from payments.models import PayerAccount
from payments.web.tabs import incoming_tabs

FIELDS = (
    Field("account", "exact", "account", gettext_lazy("Payer account"), example="account:97100000013"),
    Field("customer", "text", "customer__name", gettext_lazy("Customer"), example="customer:fjord"),
    Field("number", "number", "customer__number", gettext_lazy("Customer no."), example="number:10001"),
    Field("seen", "number", "seen", gettext_lazy("Payments"), example="seen>=2"),
    Field("last", "day", "last_seen_on", gettext_lazy("Last payment"), example="last<2026-01"),
)
SORTS = {"last": "last_seen_on", "seen": "seen", "account": "account"}
COLUMNS = (
    export.Column(gettext_lazy("Payer account"), "account"),
    export.Column(gettext_lazy("Customer no."), "customer.number", "number"),
    export.Column(gettext_lazy("Customer"), "customer.name"),
    export.Column(gettext_lazy("Payments"), "seen", "number"),
    export.Column(gettext_lazy("Last payment"), "last_seen_on", "day"),
)


@require_GET
@company_view()
def payer_accounts(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """Every account with the customer it proposes."""
    rows = rule_queries.payer_accounts(company)
    search = understand(request, FIELDS, free=_by_word, today=business_date(company))
    if export.wanted(request):
        found = narrow(rows, search).order_by("account", "id")
        return export.answer(request, "payer-accounts", COLUMNS, found.iterator(chunk_size=2000), search.text)
    context = {
        "listing": listing.list_rows(request, rows, sorts=SORTS, default="-last", search=search),
        "tabs": incoming_tabs("matching_rules"),
        "may_edit": request.rights.accountant,
    }
    return htmx.render_page(request, "payments/rules/payers.html", context, part="listing")


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def forget_payer(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Ask once, then forget: the account proposes this customer no longer."""
    row = get_object_or_404(PayerAccount.objects.select_related("customer"), company=company, pk=pk)
    if request.method == "POST":
        accounts.forget(company, row.account, row.customer_id)
        return htmx.done(request, toast=_("Forgotten"), to="payer_accounts", refresh=("listing",))
    context = {
        "title": _("Forget account %(account)s") % {"account": row.account},
        "text": _("It proposes %(customer)s no longer. The next accepted match teaches it again.")
        % {"customer": row.customer.name},
        "verb": _("Forget 1 account"),
        "danger": True,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context)


def _by_word(word: str) -> Q:
    """An account, or how a customer's name begins."""
    return Q(account=account_key(word)) | Q(customer__name__istartswith=word)
