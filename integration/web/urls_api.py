"""Addresses of the API for ERP systems, its keys and its description."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from integration.api.site import patterns
from integration.web import api_docs, api_keys

urlpatterns: list[URLPattern | URLResolver] = [
    path("setup/api-keys/", api_keys.api_keys, name="api_keys"),
    path("setup/api-keys/new/", api_keys.new, name="api_key_new"),
    path("setup/api-keys/<int:pk>/revoke/", api_keys.revoke, name="api_key_revoke"),
    path("api/v1/docs", api_docs.docs, name="api_docs"),
    path("api/v1/", include((patterns(), "ninja"), namespace="api")),
]
