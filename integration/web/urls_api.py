"""Addresses of the API for ERP systems, its keys and its description."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from autopay_console.kernel.pages import pages_of

page, api = pages_of("integration.web"), pages_of("integration.api.views")
OPERATIONS = [
    api("", "root", name="api-root"),
    api("openapi.json", "openapi", name="openapi-json"),
    api("supplier-entries", "supplier_entries", name="supplier_entries"),
    api("customer-entries", "customer_entries", name="customer_entries"),
    api("statuses", "statuses", name="statuses"),
    api("vouchers", "vouchers", name="vouchers"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    page("setup/api-keys/", "api_keys.api_keys", name="api_keys"),
    page("setup/api-keys/new/", "api_keys.new", name="api_key_new"),
    page("setup/api-keys/<int:pk>/revoke/", "api_keys.revoke", name="api_key_revoke"),
    page("api/v1/docs", "api_docs.docs", name="api_docs"),
    path("api/v1/", include((OPERATIONS, "ninja"), namespace="api")),
]
