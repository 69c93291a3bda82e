"""Words of a message that are remembered: made, changed, switched and removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company, Customer
from payments.clearing import phrases
from payments.models import PhraseRule


class PhraseForm(ConsoleForm):
    """Words, and where they lead: one customer or one ledger account."""

    phrase = forms.CharField(
        label=gettext_lazy("Words in the message"),
        max_length=80,
        help_text=gettext_lazy("Capital letters, signs and blanks do not matter."),
    )
    customer_no = forms.IntegerField(label=gettext_lazy("Customer no."), required=False, min_value=0)
    gl_account = forms.CharField(label=gettext_lazy("or ledger account"), max_length=20, required=False)
    posts = forms.BooleanField(
        label=gettext_lazy("Post to the account by itself"),
        required=False,
        help_text=gettext_lazy("Otherwise the words only propose. A valid reference always goes first."),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_customer_no(self) -> Customer | None:
        number = self.cleaned_data["customer_no"]
        if number is None:
            return None
        found = Customer.objects.filter(company=self.company, number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no customer %(number)s.") % {"number": number})
        return found


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def new_phrase(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Remember words."""
    return _edit(request, company, None)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def change_phrase(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Other words, or another place they lead to."""
    return _edit(request, company, _phrase(company, pk))


@require_POST
@company_view(Role.ACCOUNTANT)
def switch_phrase(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """On or off."""
    rule, on = _phrase(company, pk), request.POST.get("on") == "1"
    phrases.switch(rule, request.user, on=on)
    said = _("“%(phrase)s” is on") if on else _("“%(phrase)s” is off")
    return htmx.done(request, toast=said % {"phrase": rule.phrase}, to="matching_rules", refresh=("rules",))


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def remove_phrase(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Ask once, then forget the words; what they booked stays."""
    rule = _phrase(company, pk)
    if request.method == "POST":
        phrases.remove(rule, request.user)
        return htmx.done(request, toast=_("The words are forgotten"), to="matching_rules", refresh=("rules",))
    context = {
        "title": _("Forget “%(phrase)s”") % {"phrase": rule.phrase},
        "text": _("What was booked by these words stays booked."),
        "verb": _("Forget 1 rule"),
        "danger": True,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context)


def _edit(request: ConsoleRequest, company: Company, rule: PhraseRule | None) -> HttpResponse:
    form = PhraseForm(company, request.POST or None, initial=_first(rule))
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            kept = phrases.keep(
                company,
                request.user,
                facts["phrase"],
                customer=facts["customer_no"],
                gl_account=facts["gl_account"],
                posts=facts["posts"],
                rule=rule,
            )
        except phrases.PhraseRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            said = _("“%(phrase)s” is remembered") % {"phrase": kept.phrase}
            return htmx.done(request, toast=said, to="matching_rules", refresh=("rules",))
    context = {
        "title": _("Remember words"),
        "text": _("A payment whose message holds these words, in this order, is proposed to the customer or account."),
        "verb": _("Remember 1 rule"),
        "form": form,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


def _first(rule: PhraseRule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    number = rule.customer.number if rule.customer else None
    return {"phrase": rule.phrase, "customer_no": number, "gl_account": rule.gl_account, "posts": rule.posts}


def _phrase(company: Company, pk: int) -> PhraseRule:
    return get_object_or_404(PhraseRule.objects.select_related("customer"), company=company, pk=pk)
