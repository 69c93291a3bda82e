"""Addresses of the payments screens."""

from __future__ import annotations

from payments.web import (
    urls_approval,
    urls_cid,
    urls_incoming,
    urls_journal,
    urls_outgoing,
    urls_rules,
    urls_table_import,
)

urlpatterns = [
    *urls_approval.urlpatterns,
    *urls_cid.urlpatterns,
    *urls_outgoing.urlpatterns,
    *urls_incoming.urlpatterns,
    *urls_rules.urlpatterns,
    *urls_journal.urlpatterns,
    *urls_table_import.urlpatterns,
]
