"""Addresses of login, second factor and company login: allauth's own, as allauth.urls has them.

All but a password's are named one by one: their views load WebAuthn and the company login, which a password needs
nothing of.
"""

from __future__ import annotations

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

from autopay_console.kernel.pages import pages_of

page = pages_of("allauth.mfa")
SECOND_FACTOR = [
    page("", "base.views.index", name="mfa_index"),
    page("authenticate/", "base.views.authenticate", name="mfa_authenticate"),
    page("reauthenticate/", "base.views.reauthenticate", name="mfa_reauthenticate"),
    page("totp/activate/", "totp.views.activate_totp", name="mfa_activate_totp"),
    page("totp/deactivate/", "totp.views.deactivate_totp", name="mfa_deactivate_totp"),
    page("recovery-codes/", "recovery_codes.views.view_recovery_codes", name="mfa_view_recovery_codes"),
    page(
        "recovery-codes/generate/", "recovery_codes.views.generate_recovery_codes", name="mfa_generate_recovery_codes"
    ),
    page(
        "recovery-codes/download/", "recovery_codes.views.download_recovery_codes", name="mfa_download_recovery_codes"
    ),
    page("webauthn/", "webauthn.views.list_webauthn", name="mfa_list_webauthn"),
    page("webauthn/add/", "webauthn.views.add_webauthn", name="mfa_add_webauthn"),
    page("webauthn/reauthenticate/", "webauthn.views.reauthenticate_webauthn", name="mfa_reauthenticate_webauthn"),
    page("webauthn/keys/<int:pk>/remove/", "webauthn.views.remove_webauthn", name="mfa_remove_webauthn"),
    page("webauthn/keys/<int:pk>/edit/", "webauthn.views.edit_webauthn", name="mfa_edit_webauthn"),
    page("webauthn/login/", "webauthn.views.login_webauthn", name="mfa_login_webauthn"),
]
social = pages_of("allauth.socialaccount.views")
SOCIAL = [
    social("login/cancelled/", "login_cancelled", name="socialaccount_login_cancelled"),
    social("login/error/", "login_error", name="socialaccount_login_error"),
    social("signup/", "signup", name="socialaccount_signup"),
    social("", "connections", name="socialaccount_connections"),
]
COMPANY_LOGIN = "allauth.socialaccount.providers.openid_connect"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("allauth.account.urls")),
    path("2fa/", include(SECOND_FACTOR)),
    path("3rdparty/", include(SOCIAL)),
]
if apps.is_installed(COMPANY_LOGIN):
    urlpatterns.append(path("", include(f"{COMPANY_LOGIN}.urls")))
