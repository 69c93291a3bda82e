"""Addresses of the imports of tables."""

from __future__ import annotations

from autopay_console.kernel.pages import pages_of

page = pages_of("payments.web")
urlpatterns = [
    page("import/", "table_import.imports", name="table_imports"),
    page("import/job/<uuid:pk>/", "table_import_job.job", name="table_import_job"),
    page("import/job/<uuid:pk>/columns/", "table_import_job.columns", name="table_import_columns"),
    page("import/job/<uuid:pk>/run/", "table_import_job.act", {"what": "run"}, name="table_import_run"),
    page("import/job/<uuid:pk>/back/", "table_import_job.act", {"what": "columns"}, name="table_import_back"),
    page("import/job/<uuid:pk>/drop/", "table_import_job.act", {"what": "drop"}, name="table_import_drop"),
    page("import/job/<uuid:pk>/refused.csv", "table_import_job.refused", name="table_import_refused"),
    page("import/<slug:table>/", "table_import.table", name="table_import"),
    page("import/<slug:table>/template.csv", "table_import.template", {"kind": "csv"}, name="table_template_csv"),
    page("import/<slug:table>/template.xlsx", "table_import.template", {"kind": "xlsx"}, name="table_template_xlsx"),
]
