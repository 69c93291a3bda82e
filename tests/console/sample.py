"""A list, a dialog and a tile made of the console's parts, for looking at them in a browser."""

from decimal import Decimal

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path

from autopay_console import own
from autopay_console.kernel import htmx, listing, search
from autopay_console.kernel.forms import AmountField, ConsoleForm, DayField
from companies.access import company_view
from payments.choices import LineStatus
from payments.models import PaymentLine

FIELDS = (
    search.Field("status", "choice", "status", "Status", LineStatus.choices),
    search.Field("amount", "amount", "amount", "Amount", example="amount>1000"),
    search.Field("supplier", "text", "supplier__name", "Supplier", example="supplier:kontor"),
)
SORTS = {"line": "pk", "amount": "amount", "supplier": "supplier__name"}


class ChangeForm(ConsoleForm):
    amount = AmountField(label="New amount", least=Decimal("0.01"), help_text="At most what the invoice says")
    day = DayField(label="Pay on", required=False)
    sure = forms.BooleanField(label="I have checked the account")


def lines(company):
    return PaymentLine.objects.filter(company=company).select_related("supplier", "payment")


@company_view()
def the_list(request, company):
    found = search.understand(request, FIELDS, free=lambda word: search.Q(supplier__name__istartswith=word))
    shown = listing.list_rows(request, lines(company), sorts=SORTS, default="line", search=found)
    shown.totals = listing.sums(lines(company).filter(found.q), "currency", "amount") or ()
    tabs = [listing.Tab("All", "/sample/", 3, current=True), listing.Tab("Rejected", "/sample/?q=status:4", 0)]
    return htmx.render_page(request, "sample/list.html", {"listing": shown, "tabs": tabs}, part="listing")


@company_view()
def change(request, company):
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return htmx.done(request, toast="Line changed", undo="/sample/undo/", refresh=("listing",), to="/sample/")
    context = {"form": form, "action": "/sample/change/"}
    return htmx.render_dialog(request, "sample/dialog.html", context, status=422 if form.errors else 200)


@company_view()
def ticked_sum(request, company):
    rows = listing.picked(request, lines(company))
    return render(request, "components/bulk_sum.html", {"totals": listing.sums(rows, "currency", "amount")})


@company_view()
def bulk(request, company):
    return HttpResponse(f'<link rel="icon" href="data:,">took {listing.picked(request, lines(company)).count()}')


@company_view()
def undo(request, company):
    return htmx.done(request, toast="Undone")


@company_view()
def broken(request, company):
    return HttpResponse(status=500)


urlpatterns = [
    path("sample/", the_list),
    path("sample/change/", change),
    path("sample/sum/", ticked_sum),
    path("sample/bulk/", bulk),
    path("sample/undo/", undo),
    path("sample/broken/", broken),
    path("", the_list, name="home"),
    path("company/", own.switch_company, name="switch_company"),
    path("me/", own.own_settings, name="settings"),
    path("me/theme/", own.theme, name="theme"),
    path("account/", include("allauth.urls")),
]
TEMPLATES = [
    {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], settings.BASE_DIR / "tests/console/templates"]}
]
