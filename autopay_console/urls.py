"""All addresses: each app brings its own."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from autopay_console import own
from autopay_console.home.view import home

handler400 = "autopay_console.errors.bad_request"
handler403 = "autopay_console.errors.forbidden"
handler404 = "autopay_console.errors.not_found"
handler500 = "autopay_console.errors.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("healthz", own.healthz, name="healthz"),
    path("company/", own.switch_company, name="switch_company"),
    path("me/", own.own_settings, name="settings"),
    path("me/theme/", own.theme, name="theme"),
    # an address decides whose invitations and company login a person gets: the administrator changes it, not the person
    path("account/email/", RedirectView.as_view(pattern_name="settings"), name="account_email"),
    path("account/", include("allauth.urls")),
    path("", include("companies.web.urls")),
    path("", include("payments.web.urls")),
    path("", include("integration.web.urls")),
]
