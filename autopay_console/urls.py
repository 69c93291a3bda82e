"""All addresses: each app brings its own."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from autopay_console.kernel.pages import pages_of
from companies.web.urls import urlpatterns as companies
from integration.web.urls import urlpatterns as integration
from payments.web.urls import urlpatterns as payments

page = pages_of("autopay_console")
handler400 = "autopay_console.errors.bad_request"
handler403 = "autopay_console.errors.forbidden"
handler404 = "autopay_console.errors.not_found"
handler500 = "autopay_console.errors.server_error"

urlpatterns = [
    page("", "home.view.home", name="home"),
    page("healthz", "own.healthz", name="healthz"),
    page("company/", "own.switch_company", name="switch_company"),
    page("me/", "own.own_settings", name="settings"),
    page("me/theme/", "own.theme", name="theme"),
    # an address decides whose invitations and company login a person gets: the administrator changes it, not the person
    path("account/email/", RedirectView.as_view(pattern_name="settings"), name="account_email"),
    path("account/", include("companies.web.urls_account")),
    *companies,
    *payments,
    *integration,
]
