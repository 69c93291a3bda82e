"""Addresses of the live reading of a CID."""

from __future__ import annotations

from autopay_console.kernel.pages import pages_of

page = pages_of("payments.web")
urlpatterns = [
    page("setup/factoring_company/cid/", "cid.try_cid", name="try_cid_new"),
    page("setup/factoring_company/<int:pk>/cid/", "cid.try_cid", name="try_cid"),
]
