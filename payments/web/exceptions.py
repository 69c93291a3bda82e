"""Answers that contradict what is known, or name nothing of ours: nothing was changed by them, a person looks."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.listing import Tab, list_rows
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from payments import desk
from payments.models import AnswerException
from payments.web.posted import posted

FIELDS = (
    Field("payment", "number", "payment__number", gettext_lazy("Payment"), example="payment:20412"),
    Field("kind", "exact", "kind", gettext_lazy("Kind")),
    Field("amount", "amount", "amount", gettext_lazy("Amount"), example="amount>1000"),
)


@require_GET
@company_view()
def exceptions(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Open ones first; done ones stay readable with who and how."""
    done = request.GET.get("view") == "done"
    rows = AnswerException.objects.filter(company=company, done_at__isnull=not done)
    listing = list_rows(
        request,
        rows.select_related("payment", "done_by"),
        sorts={"newest": "id"},
        default="-newest",
        search=understand(request, FIELDS),
    )
    here = reverse("exceptions")
    tabs = [Tab(_("To look at"), here, None, not done), Tab(_("Done"), f"{here}?view=done", None, done)]
    tabs.append(Tab(_("Names that differ"), reverse("payee_checks"), None, False))
    context = {"listing": listing, "tabs": tabs, "done": done}
    return htmx.render_page(request, "payments/exceptions.html", context, part="listing")


class DoneForm(ConsoleForm):
    """What was done about it."""

    how = forms.CharField(label=gettext_lazy("What was done"), max_length=200)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def done(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Mark one as done, with words that stay."""
    found = get_object_or_404(AnswerException, company=company, pk=pk)
    form = DoneForm(posted(request))
    if request.method == "POST" and form.is_valid():
        fresh = desk.mark_done(found, request.user, form.cleaned_data["how"])
        text = _("Marked as done.") if fresh else _("Somebody else has marked it as done meanwhile.")
        return htmx.done(request, toast=text, refresh=("listing",), to="exceptions")
    context = {
        "title": _("Mark as done"),
        "text": found.text,
        "verb": _("Mark as done"),
        "form": form,
        "action": reverse("exception_done", args=[pk]),
    }
    status = 422 if request.method == "POST" else 200
    return htmx.render_dialog(request, "components/confirm.html", context, status=status)
