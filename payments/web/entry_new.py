"""Register a supplier invoice by hand, where no ERP voucher comes: when it will be paid, and why then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import AccountField, AmountField, ConsoleForm, DayField
from companies import pending
from companies.access import ConsoleRequest, company_view
from companies.accounts import check_account, classify
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, Currency, Supplier, VoucherType
from payments.iso20022.references import rf
from payments.models import SupplierEntry
from payments.preparing import planning
from payments.web.posted import posted


class EntryForm(ConsoleForm):
    """What the voucher of an invoice or credit note says."""

    supplier = forms.IntegerField(
        label=gettext_lazy("Supplier no."), min_value=1, help_text=gettext_lazy("As in the list of suppliers.")
    )
    invoice_no = forms.CharField(
        label=gettext_lazy("Invoice no."), max_length=35, help_text=gettext_lazy("As printed on the invoice.")
    )
    amount = AmountField(label=gettext_lazy("Amount"), help_text=gettext_lazy("A credit note with a minus."))
    currency = forms.ModelChoiceField(label=gettext_lazy("Currency"), queryset=Currency.objects.order_by("code"))
    amount_booked = AmountField(
        label=gettext_lazy("Amount in company currency"),
        required=False,
        help_text=gettext_lazy("Only for another currency."),
    )
    entry_date = DayField(label=gettext_lazy("Invoice date"))
    due_date = DayField(
        label=gettext_lazy("Due date"), help_text=gettext_lazy("Moved off days without payments when you save.")
    )
    discount_amount = AmountField(label=gettext_lazy("Cash discount"), required=False, least=Decimal(0))
    discount_date = DayField(
        label=gettext_lazy("Cash discount until"),
        required=False,
        help_text=gettext_lazy("Paid on this day while the discount can be taken."),
    )
    voucher_no = forms.CharField(label=gettext_lazy("Voucher no."), max_length=20, required=False)
    voucher_type = forms.ModelChoiceField(
        label=gettext_lazy("Voucher type"),
        queryset=VoucherType.objects.none(),
        required=False,
        help_text=gettext_lazy("Types without Move payment to workday keep the due date."),
    )
    kid = forms.CharField(label=gettext_lazy("KID, OCR or RF"), max_length=35, required=False)
    account = AccountField(
        label=gettext_lazy("Bank account, when not the supplier's"),
        required=False,
        help_text=gettext_lazy("Another account than the supplier's waits for a second person."),
    )
    extra_text = forms.CharField(label=gettext_lazy("Message to the receiver"), max_length=200, required=False)
    held = forms.BooleanField(label=gettext_lazy("Hold back for now"), required=False)

    def __init__(self, company: Company, payroll: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.payroll = company, payroll
        types: Any = self.fields["voucher_type"]
        types.queryset = VoucherType.objects.filter(company=company).order_by("number")

    def clean_supplier(self) -> Supplier:
        number = self.cleaned_data["supplier"]
        rows = Supplier.objects.filter(company=self.company, number=number)
        found = (rows if self.payroll else rows.filter(is_payroll=False)).first()
        if found is None:
            raise forms.ValidationError(_("There is no supplier %(number)s.") % {"number": number})
        return found

    def clean_kid(self) -> str:
        kid = "".join(str(self.cleaned_data["kid"]).split()).upper()
        if kid.startswith("RF") and not rf(kid):
            raise forms.ValidationError(_("The check digits of %(kid)s are wrong.") % {"kid": kid})
        return kid

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("An entry of nothing is no entry."))
        return amount

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        supplier, account = values.get("supplier"), values.get("account")
        if supplier is not None and account:
            problem = check_account(account, classify(account, supplier.country_id))
            if problem is not None and problem.stops:
                self.add_error("account", planning.said(problem))
        entered, due = values.get("entry_date"), values.get("due_date")
        if entered and due and due < entered:
            self.add_error("due_date", _("The due date is before the invoice date."))
        if values.get("discount_amount") and not values.get("discount_date"):
            self.add_error("discount_date", _("Say until when the cash discount may be taken."))
        amount, discount = values.get("amount"), values.get("discount_amount")
        if amount and discount and discount >= abs(amount):
            self.add_error("discount_amount", _("The cash discount must be less than the invoice."))
        booked, currency = values.get("amount_booked"), values.get("currency")
        if currency and currency.pk != self.company.currency_id and booked is None:
            text = _("Write the amount in %(currency)s too.") % {"currency": self.company.currency_id}
            self.add_error("amount_booked", text)
        if booked is not None and amount and (booked > 0) != (amount > 0):
            self.add_error("amount_booked", _("Both amounts must have the same sign."))
        elif (
            booked is not None and amount and booked != amount and currency and currency.pk == self.company.currency_id
        ):
            self.add_error("amount_booked", _("The entry is in the company's currency: both amounts must be equal."))
        return values

    def planned(self) -> planning.PlannedDate | None:
        """The payment date by what is typed so far; None while the due date is not."""
        self.is_valid()
        facts = self.cleaned_data
        if not facts.get("due_date"):
            return None
        new = planning.NewEntry(
            "",
            facts.get("amount") or Decimal(1),
            facts.get("entry_date") or facts["due_date"],
            facts["due_date"],
            currency=getattr(facts.get("currency"), "pk", ""),
            discount_amount=facts.get("discount_amount") or Decimal(0),
            discount_date=facts.get("discount_date"),
            voucher_type=facts.get("voucher_type"),
        )
        supplier = facts.get("supplier") or Supplier(company=self.company, country=self.company.country)
        return planning.planned_date(self.company, supplier, new)

    def new_entry(self) -> planning.NewEntry:
        """The facts for the business side."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "supplier"}
        values["currency"] = values["currency"].pk
        values["discount_amount"] = values["discount_amount"] or Decimal(0)
        return planning.NewEntry(**values)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT, Role.PAYROLL)
def register(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Register an invoice by hand; the answer says when it will be paid and why then."""
    today = business_date(company)
    initial = {"currency": company.currency_id, "entry_date": today}
    form = EntryForm(company, request.rights.payroll, posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                entry = planning.register_supplier_entry(company, form.cleaned_data["supplier"], form.new_entry())
                waits = pending.ask_for_account(entry.supplier, entry.account, request.user)
        except IntegrityError:
            form.add_error("invoice_no", _("This supplier already has an entry with this invoice number."))
        else:
            return _registered(request, entry, account_waits=waits is not None)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "action": reverse("entry_new")}
    return htmx.render_dialog(request, "payments/entry_new.html", context, status=status)


@require_GET
@company_view(Role.ACCOUNTANT, Role.PAYROLL)
def planned(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The planned payment date while the form is filled in."""
    form = EntryForm(company, request.rights.payroll, request.GET)
    return render(request, "payments/_entry_planned.html", {"planned": form.planned(), "form": form})


def _registered(request: ConsoleRequest, entry: SupplierEntry, *, account_waits: bool) -> HttpResponse:
    """What was registered, with its date; the list behind the dialog is asked for again."""
    if not getattr(request, "htmx", False):
        text = _("%(invoice)s is registered, planned %(day)s. %(why)s") % {
            "invoice": entry.invoice_no,
            "day": entry.planned_date,
            "why": entry.planned_why,
        }
        return htmx.done(request, toast=text, to="suggestion")
    context = {"entry": entry, "account_waits": account_waits, "moved": entry.planned_date != entry.due_date}
    answer = htmx.render_dialog(request, "payments/entry_registered.html", context)
    trigger_client_event(answer, "refresh-listing")
    return answer
