"""Who must approve what: the company's rules for one approver more, and what each bank agreement asks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import AmountField, ConsoleModelForm
from companies import saving
from companies.access import ConsoleRequest, company_view
from companies.choices import AgreementState, Role
from companies.clock import business_date
from companies.models import BankAgreement, Company
from payments.preparing import mandates, rounds
from payments.web.posted import posted

FIELDS = ["extra_approver_over", "extra_approver_new_account", "extra_approver_foreign", "allow_preapproval"]


class RulesForm(ConsoleModelForm):
    """The rules, and the version the person looked at."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    extra_approver_over = AmountField(label=gettext_lazy("One more approver over"), least=Decimal(0), required=False)

    class Meta:
        model = Company
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version
        helps = {
            "extra_approver_over": _("in %(currency)s, all currencies of a payment by the rates of the company")
            % {"currency": self.instance.currency_id},
            "extra_approver_new_account": _("a payment to an account that was never paid before"),
            "extra_approver_foreign": _("a payment with a line in another currency than the company's own"),
            "allow_preapproval": _(
                "approvers may approve invoices in advance; a payment with only such invoices goes straight to the bank"
            ),
        }
        for name, text in helps.items():
            self.fields[name].help_text = text


@require_http_methods(["GET", "POST"])
@company_view()
def rules(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Every member reads them; administrators change them."""
    may_edit = request.rights.has(Role.ADMINISTRATOR)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    row = Company.objects.get(pk=company.pk)
    form = RulesForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        changed = [name for name in form.changed_data if name != "seen"]
        try:
            saving.save(row, changed, request.user, form.cleaned_data["seen"])
        except saving.ChangedMeanwhile:
            form.add_error(None, _("Somebody changed the company a moment ago: look at the rules again, then save."))
        else:
            said = _("The rules are saved. They count from the next upload on.")
            return htmx.done(request, toast=said, to="approval_rules", go=True)
    agreements = BankAgreement.objects.filter(company=company, active_outgoing=True).exclude(state=AgreementState.ENDED)
    context = {
        "form": form,
        "may_edit": may_edit,
        "agreements": list(agreements.select_related("bank_partner").order_by("bank_partner__number")),
        "deputies": list(mandates.deputies(company, business_date(company))),
        "most": rounds.MOST_NEEDED,
    }
    return htmx.render_page(request, "payments/approval_rules.html", context, status=422 if form.errors else 200)
