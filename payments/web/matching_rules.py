"""Matching rules of a company: which are on, in which order, what each does; small differences; words remembered."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import AmountField, ConsoleForm
from companies import saving
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments import events
from payments.choices import Rule
from payments.clearing import phrases
from payments.lists import rule_queries
from payments.matching import rules
from payments.models import MatchingRule
from payments.web.tabs import incoming_tabs

SHOWN = 100


class DifferenceForm(ConsoleForm):
    """Up to which amount a difference is written off, and where to."""

    write_off_limit = AmountField(label=gettext_lazy("Small difference up to"), least=Decimal(0))
    gl_write_off = forms.CharField(label=gettext_lazy("Ledger account"), max_length=20)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


@require_GET
@company_view()
def matching_rules(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The rules in the order they are asked, what they write off, the words they know, who changed what."""
    found = list(phrases.of_company(company)[: SHOWN + 1])
    today = business_date(company)
    counted = request.GET.get("counts") == "1" or rule_queries.few_lately(company, today)
    context = {
        "tabs": incoming_tabs("matching_rules"),
        "rules": rule_queries.shown(rules.known(company), company, today, counted=counted),
        "counts_left_out": not counted,
        "counts_url": f"{request.path}?counts=1",
        "days": rule_queries.DAYS,
        "phrases": found[:SHOWN],
        "more": len(found) > SHOWN,
        "history": rule_queries.history(company),
        "may_edit": request.rights.accountant,
        "may_write_off": request.rights.administrator,
    }
    return htmx.render_page(request, "payments/rules/rules.html", context, part="rules")


@require_POST
@company_view(Role.ACCOUNTANT)
def switch_rule(request: ConsoleRequest, company: Company, rule: str) -> HttpResponse:
    """Turn a rule on or off; what is parked is tried again."""
    chosen, on = _rule(rule), request.POST.get("on") == "1"
    changed = rules.switch(company, chosen, on=on, by=request.user)
    said = _("“%(rule)s” is on") if on else _("“%(rule)s” is off; it only proposes now")
    return _changed(request, company, said % {"rule": chosen.label} if changed else "")


@require_POST
@company_view(Role.ACCOUNTANT)
def move_rule(request: ConsoleRequest, company: Company, rule: str) -> HttpResponse:
    """One place up or down."""
    chosen = _rule(rule)
    changed = rules.move(company, chosen, up=request.POST.get("up") == "1", by=request.user)
    return _changed(request, company, _("“%(rule)s” is moved") % {"rule": chosen.label} if changed else "")


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR)
def small_differences(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Up to which difference an invoice is closed by itself, and the account that carries it."""
    first = {
        "write_off_limit": company.write_off_limit,
        "gl_write_off": company.gl_write_off,
        "seen": company.version,
    }
    form = DifferenceForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        company.write_off_limit, company.gl_write_off = facts["write_off_limit"], facts["gl_write_off"].strip()
        try:
            saving.save(company, ["write_off_limit", "gl_write_off"], request.user, facts["seen"])
        except saving.ChangedMeanwhile:
            form.add_error(None, _("Somebody changed the company meanwhile. Close this and look again."))
        else:
            events.entries_registered.send(sender=MatchingRule, company_id=company.pk)
            return htmx.done(request, toast=_("Saved"), to="matching_rules", refresh=("rules",))
    context = {
        "title": _("Small differences"),
        "text": _(
            "An invoice in %(currency)s that is paid with this much more or less is closed, and the difference goes "
            "to the account. Zero: never."
        )
        % {"currency": company.currency_id},
        "verb": _("Save"),
        "form": form,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


def _changed(request: ConsoleRequest, company: Company, said: str) -> HttpResponse:
    if said:
        events.entries_registered.send(sender=MatchingRule, company_id=company.pk)
    return htmx.done(request, toast=said or _("Nothing changed"), to="matching_rules", refresh=("rules",))


def _rule(value: str) -> Rule:
    try:
        found = Rule(value)
    except ValueError:
        raise Http404 from None
    if found not in rules.FINDERS:
        raise Http404
    return found
