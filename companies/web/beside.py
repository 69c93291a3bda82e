"""What stands beside the form of some set-up rows: states and mandates, known accounts, a sample CID, a calendar."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from companies import agreements, stories
from companies.models import BankAgreement, BankPartner, Company, PayeeAccount, Person
from companies.web.forms import SetupForm
from companies.web.table import Table


def beside(table: Table, row: Any, company: Company | None, form: SetupForm) -> dict[str, Any]:
    """The context of the part named `templates/companies/_beside_<table>.html`."""
    if table.name == "agreement":
        form.fields["bank_partner"].widget.attrs |= {
            "hx-get": reverse("agreement_follows"),
            "hx-include": "#follows",
            "hx-target": "#follows",
            "hx-trigger": "change",
        }
        return _agreement(row)
    if table.name == "supplier" and not row._state.adding:
        rows = PayeeAccount.objects.filter(supplier=row).select_related("entered_by", "accepted_by")
        return {"accounts": list(rows.order_by("-entered_at")[:20])}
    return {}


def _agreement(row: BankAgreement) -> dict[str, Any]:
    if row._state.adding:
        return {"partner": None}
    mandates = list(row.mandates.select_related("person").order_by("person__first_name", "person__username"))
    held = {one.person_id for one in mandates}
    members = Person.objects.filter(is_active=True, memberships__company_id=row.company_id).exclude(pk__in=held)
    story = stories.link_story(row.mandates.model.history.filter(agreement_id=row.pk), *agreements.mandate_sentences())
    return {
        "partner": BankPartner.objects.select_related("profile").get(pk=row.bank_partner_id),
        "meaning": agreements.MEANINGS[row.state],
        "steps": agreements.STEPS[row.state],
        "states": _way(row),
        "mandates": mandates,
        "short": max(row.bank_approvers - len(mandates), 0),
        "others": members.distinct().order_by("first_name", "username")[:200],
        "story": story,
    }


def _way(row: BankAgreement) -> list[dict[str, Any]]:
    """The four states as steps on a way: done, here, to come."""
    order = [state for state, _label in agreements.WAY]
    here = order.index(row.state)
    return [
        {"label": label, "state": "" if number < here else ("part" if number == here else "todo"), "text": ""}
        for number, (_state, label) in enumerate(agreements.WAY)
    ]
