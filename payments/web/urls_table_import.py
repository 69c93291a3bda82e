"""Addresses of the imports of tables."""

from __future__ import annotations

from django.urls import path

from payments.web import table_import, table_import_job

urlpatterns = [
    path("import/", table_import.imports, name="table_imports"),
    path("import/job/<uuid:pk>/", table_import_job.job, name="table_import_job"),
    path("import/job/<uuid:pk>/columns/", table_import_job.columns, name="table_import_columns"),
    path("import/job/<uuid:pk>/run/", table_import_job.act, {"what": "run"}, name="table_import_run"),
    path("import/job/<uuid:pk>/back/", table_import_job.act, {"what": "columns"}, name="table_import_back"),
    path("import/job/<uuid:pk>/drop/", table_import_job.act, {"what": "drop"}, name="table_import_drop"),
    path("import/job/<uuid:pk>/refused.csv", table_import_job.refused, name="table_import_refused"),
    path("import/<slug:table>/", table_import.table, name="table_import"),
    path("import/<slug:table>/template.csv", table_import.template, {"kind": "csv"}, name="table_template_csv"),
    path("import/<slug:table>/template.xlsx", table_import.template, {"kind": "xlsx"}, name="table_template_xlsx"),
]
