"""Addresses of operations, queue, traffic log and Enable Visma.net."""

from __future__ import annotations

from django.urls import path

from integration.web import (
    downloads,
    evidence,
    exchanges,
    file_kinds,
    messages,
    operations,
    proof,
    sending,
    transfers,
    urls_api,
    urls_enable,
)

urlpatterns = [
    path("operations/", operations.operations, name="operations"),
    path("operations/test/", operations.test_way, name="test_way"),
    path("operations/pause/", operations.pause, name="pause_queue"),
    path("operations/resume/", operations.resume, name="resume_queue"),
    path("operations/messages/", messages.messages, name="messages"),
    path("operations/messages/<uuid:pk>/", messages.message, name="message"),
    path("operations/messages/<uuid:pk>/resolve/", messages.resolve, name="resolve_message"),
    path("operations/sending/", sending.sending_all, name="sending_all"),
    path("operations/sending/stop/", sending.stop_all, name="sending_stop_all"),
    path("operations/sending/resume/", sending.resume_all, name="sending_resume_all"),
    path("operations/sending/stay/", sending.stay_all, name="sending_stay_all"),
    path("download/", downloads.download, name="download"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("payments/<int:number>/evidence/", evidence.evidence_of_payment, name="evidence_of_payment"),
    path("sending/", sending.sending, name="sending"),
    path("sending/<int:pk>/ask/", transfers.ask, name="transfer_ask"),
    path("sending/<int:pk>/cancel/", transfers.cancel, name="transfer_cancel"),
    path("sending/<int:pk>/approve/", transfers.approve, name="transfer_approve"),
    path("sending/stop/", sending.stop, name="sending_stop"),
    path("sending/resume/", sending.resume, name="sending_resume"),
    path("sending/stay/", sending.stay, name="sending_stay"),
    path("operations/files/", file_kinds.file_kinds, name="file_kinds"),
    path("operations/files/purge/", file_kinds.purge, name="purge_files"),
    path("operations/files/<slug:kind>/", file_kinds.file_kind, name="file_kind"),
    path("exchanges/", exchanges.exchanges, name="exchanges"),
    path("exchanges/<uuid:pk>/", exchanges.exchange, name="exchange"),
    path("exchanges/<uuid:pk>/source/", exchanges.exchange_source, name="exchange_source"),
    path("exchanges/<uuid:pk>/understood/", exchanges.exchange_understood, name="exchange_understood"),
    path("exchanges/<uuid:pk>/file/", exchanges.exchange_file, name="exchange_file"),
    *urls_enable.urlpatterns,
    *urls_api.urlpatterns,
    path("setup/readiness/proof/", proof.proof, name="proof"),
    path("setup/readiness/prove/", proof.prove, name="prove"),
    path("readyz", operations.readyz, name="readyz"),
    path("metrics", operations.metrics_text, name="metrics"),
]
