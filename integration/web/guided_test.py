"""*Test with 1.00*: the guide's own test as a page that follows one small payment there and back again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies import stopping
from companies.access import ConsoleRequest, company_view
from companies.choices import Channel, Role
from companies.models import BankPartner, Company, Supplier
from integration import guided_test
from integration.web.transfers import cancelling
from payments.models import Payment
from payments.preparing.selection import payable_partners
from payments.suggesting.suggestion import NothingToPay, NotPossible

ROLES = (Role.ACCOUNTANT, Role.ADMINISTRATOR, Role.APPROVER)


class TestPaymentForm(ConsoleForm):
    """Who gets 1.00, and from which account. Only partners that send through the gateway reach AutoPay central."""

    supplier = forms.IntegerField(
        label=gettext_lazy("Supplier no."),
        min_value=1,
        help_text=gettext_lazy("Somebody you could pay: should the cancel come too late, 1.00 is paid."),
    )
    bank_partner = forms.ModelChoiceField(label=gettext_lazy("Bank partner"), queryset=BankPartner.objects.none())

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        by_gateway = [pk for pk, one in payable_partners(company).items() if one.channel == Channel.GATEWAY]
        partners: Any = self.fields["bank_partner"]
        partners.queryset = BankPartner.objects.filter(pk__in=by_gateway).order_by("number")
        partners.empty_label = None

    def clean_supplier(self) -> Supplier:
        number = self.cleaned_data["supplier"]
        found = Supplier.objects.filter(company=self.company, number=number, is_payroll=False).first()
        if found is None:
            raise forms.ValidationError(_("There is no supplier %(number)s.") % {"number": number})
        if found.blocked:
            raise forms.ValidationError(_("Supplier %(number)s is blocked.") % {"number": number})
        return found


@require_GET
@company_view(*ROLES)
def choose(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Make a test payment, or go on with a small one that is there."""
    return _choose(request, company, TestPaymentForm(company) if request.rights.accountant else None)


@require_POST
@company_view(Role.ACCOUNTANT)
def make(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Register the entry of 1.00, suggest it, and follow the payment."""
    form = TestPaymentForm(company, request.POST)
    if form.is_valid():
        facts = form.cleaned_data
        try:
            payment = guided_test.make(company, facts["supplier"], facts["bank_partner"], request.user)
        except (NotPossible, NothingToPay) as error:
            form.add_error(None, str(error))
        except IntegrityError:
            form.add_error(None, _("A test payment was made this very second: look at the list below."))
        else:
            return redirect("guided_test_of", number=payment.number)
    return _choose(request, company, form, status=422)


@require_GET
@company_view(*ROLES)
def follow(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """The steps of one payment, asked for again until the last is done."""
    rows = Payment.objects.select_related("bank_partner", "uploaded_by", "company")
    payment = get_object_or_404(rows, company=company, number=number, salary=False)
    found = guided_test.progress(payment)
    context = {
        "payment": payment,
        "found": found,
        "steps": [(step, *_act(request, found, step.seen.act)) for step in found.steps],
    }
    return htmx.render_page(request, "integration/guided_test.html", context, part="test-steps")


@require_http_methods(["GET", "POST"])
@company_view(*stopping.ROLES)
def cancel(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """*Cancel at central* without leaving the test: the steps go on beneath, and the 7 arrives before one's eyes."""
    payment = get_object_or_404(Payment, company=company, number=number, salary=False)
    file = guided_test.file_of(payment)
    if file is None:
        raise Http404

    def said(text: str, *, good: bool) -> HttpResponse:
        here, tone = reverse("guided_test_of", args=[number]), "good" if good else "bad"
        return htmx.done(request, toast=text, tone=tone, to=here, refresh=("test-steps",))

    return cancelling(request, file, said)


def _choose(request: ConsoleRequest, company: Company, form: TestPaymentForm | None, status: int = 200) -> HttpResponse:
    context = {"form": form, "offered": guided_test.offered(company)}
    return htmx.render_page(request, "integration/guided_test_choose.html", context, status=status)


def _act(request: ConsoleRequest, found: guided_test.Progress, act: str) -> tuple[str, str, bool]:
    """Where an open step is done: address, what the link says, whether it opens a dialog."""
    number = found.payment.number
    if act == "upload":
        return reverse("draft", args=[number]), _("To the payment's lines"), False
    if act == "approval":
        return reverse("approval_one", args=[number]), _("To Approval"), False
    if act == "sending":
        return reverse("sending"), _("To Sending"), False
    if act == "cancel" and found.file is not None:
        return reverse("guided_test_cancel", args=[number]), _("Cancel at central"), True
    return "", "", False
