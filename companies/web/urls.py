"""Addresses of the set-up."""

from __future__ import annotations

from django.urls import path

from companies.web import (
    agreements,
    calendar,
    changes,
    companies,
    deputies,
    everybody,
    invitations,
    people,
    setup,
    who_may,
)

# what the side bar calls a table's list, by the table's name
LISTS = {
    "bank_partner": "bank_partners",
    "agreement": "agreements",
    "factoring_company": "factoring",
    "supplier": "suppliers",
    "customer": "customers",
    "voucher_type": "voucher_types",
    "text": "texts",
    "rate": "rates",
    "currency_accounts": "currency_accounts",
}

urlpatterns = [
    path("setup/companies/", companies.companies, name="companies"),
    path("setup/companies/new/", companies.new, name="company_new"),
    path("setup/readiness/", changes.ready, name="readiness"),
    path("setup/terms/", changes.accept_terms, name="accept_terms"),
    path("setup/changes/", changes.waiting, name="pending"),
    path("setup/changes/<int:pk>/", changes.decide, name="pending_decide"),
    path("setup/changes/import/<uuid:job>/", changes.decide_set, name="pending_decide_set"),
    path("setup/people/", people.people, name="people"),
    path("setup/people/<int:pk>/", people.roles, name="person_roles"),
    path("setup/people/invite/", invitations.invite, name="invite"),
    path("setup/people/invitation/<int:pk>/again/", invitations.again, name="invitation_again"),
    path("setup/people/invitation/<int:pk>/withdraw/", invitations.withdraw, name="invitation_withdraw"),
    path("setup/who-may/", who_may.page, name="who_may"),
    path("installation/people/", everybody.everybody, name="everybody"),
    path("installation/people/<int:pk>/", everybody.person, name="person"),
    path("installation/people/<int:pk>/deactivate/", everybody.deactivate, name="person_deactivate"),
    path("installation/people/<int:pk>/reactivate/", everybody.reactivate, name="person_reactivate"),
    path("installation/people/<int:pk>/log-out/", everybody.log_out, name="person_log_out"),
    path("installation/people/<int:pk>/email/", everybody.email, name="person_email"),
    path("installation/people/<int:pk>/rights/", everybody.instance_roles, name="person_instance_roles"),
    path("installation/people/<int:pk>/roles/", everybody.company_roles, name="person_company_roles"),
    path("account/invitation/<str:token>/", invitations.accept, name="invitation"),
    path("setup/", setup.everything, name="set_up"),
    path("setup/deputies/", deputies.all_deputies, name="deputies"),
    path("setup/deputies/<int:pk>/end/", deputies.end, name="deputy_end"),
    path("setup/days/", calendar.days_preview, name="days_preview"),
    path("setup/agreement/follows/", agreements.follows, name="agreement_follows"),
    path("setup/agreement/<int:pk>/move/", agreements.move, name="agreement_move"),
    path("setup/agreement/<int:pk>/mandate/", agreements.mandate, name="agreement_mandate"),
    path("installation/table/<slug:table>/", setup.shared_rows, name="shared_rows"),
    path("installation/table/<slug:table>/new/", setup.shared_edit, name="shared_new"),
    path("installation/table/<slug:table>/<slug:pk>/", setup.shared_edit, name="shared_row"),
    *(path(f"setup/{table}/", setup.rows, {"table": table}, name=name) for table, name in LISTS.items()),
    path("setup/table/<slug:table>/", setup.rows, name="setup_rows"),
    path("setup/table/<slug:table>/new/", setup.edit, name="setup_new"),
    path("setup/table/<slug:table>/<int:pk>/", setup.edit, name="setup_row"),
]
