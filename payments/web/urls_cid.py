"""Addresses of the live reading of a CID."""

from __future__ import annotations

from django.urls import path

from payments.web import cid

urlpatterns = [
    path("setup/factoring_company/cid/", cid.try_cid, name="try_cid_new"),
    path("setup/factoring_company/<int:pk>/cid/", cid.try_cid, name="try_cid"),
]
