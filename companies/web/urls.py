"""Addresses of the set-up."""

from __future__ import annotations

from autopay_console.kernel.pages import pages_of

page = pages_of("companies.web")

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
    page("setup/companies/", "companies.companies", name="companies"),
    page("setup/companies/new/", "companies.new", name="company_new"),
    page("setup/readiness/", "changes.ready", name="readiness"),
    page("setup/terms/", "changes.accept_terms", name="accept_terms"),
    page("setup/changes/", "changes.waiting", name="pending"),
    page("setup/changes/<int:pk>/", "changes.decide", name="pending_decide"),
    page("setup/changes/import/<uuid:job>/", "changes.decide_set", name="pending_decide_set"),
    page("setup/people/", "people.people", name="people"),
    page("setup/people/<int:pk>/", "people.roles", name="person_roles"),
    page("setup/people/invite/", "invitations.invite", name="invite"),
    page("setup/people/invitation/<int:pk>/again/", "invitations.again", name="invitation_again"),
    page("setup/people/invitation/<int:pk>/withdraw/", "invitations.withdraw", name="invitation_withdraw"),
    page("setup/who-may/", "who_may.page", name="who_may"),
    page("installation/people/", "everybody.everybody", name="everybody"),
    page("installation/people/<int:pk>/", "everybody.person", name="person"),
    page("installation/people/<int:pk>/deactivate/", "everybody.deactivate", name="person_deactivate"),
    page("installation/people/<int:pk>/reactivate/", "everybody.reactivate", name="person_reactivate"),
    page("installation/people/<int:pk>/log-out/", "everybody.log_out", name="person_log_out"),
    page("installation/people/<int:pk>/email/", "everybody.email", name="person_email"),
    page("installation/people/<int:pk>/rights/", "everybody.instance_roles", name="person_instance_roles"),
    page("installation/people/<int:pk>/roles/", "everybody.company_roles", name="person_company_roles"),
    page("account/invitation/<str:token>/", "invitations.accept", name="invitation"),
    page("setup/", "setup.everything", name="set_up"),
    page("setup/deputies/", "deputies.all_deputies", name="deputies"),
    page("setup/deputies/<int:pk>/end/", "deputies.end", name="deputy_end"),
    page("setup/days/", "calendar.days_preview", name="days_preview"),
    page("setup/agreement/follows/", "agreements.follows", name="agreement_follows"),
    page("setup/agreement/<int:pk>/move/", "agreements.move", name="agreement_move"),
    page("setup/agreement/<int:pk>/mandate/", "agreements.mandate", name="agreement_mandate"),
    page("installation/table/<slug:table>/", "setup.shared_rows", name="shared_rows"),
    page("installation/table/<slug:table>/new/", "setup.shared_edit", name="shared_new"),
    page("installation/table/<slug:table>/<slug:pk>/", "setup.shared_edit", name="shared_row"),
    *(page(f"setup/{table}/", "setup.rows", {"table": table}, name=name) for table, name in LISTS.items()),
    page("setup/table/<slug:table>/", "setup.rows", name="setup_rows"),
    page("setup/table/<slug:table>/new/", "setup.edit", name="setup_new"),
    page("setup/table/<slug:table>/<int:pk>/", "setup.edit", name="setup_row"),
]
