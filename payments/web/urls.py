"""Addresses of the payments screens."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("payments.web.urls_approval")),
    path("", include("payments.web.urls_cid")),
    path("", include("payments.web.urls_outgoing")),
    path("", include("payments.web.urls_incoming")),
    path("", include("payments.web.urls_rules")),
    path("", include("payments.web.urls_journal")),
    path("", include("payments.web.urls_table_import")),
]
