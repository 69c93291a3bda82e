"""docs/tables.md tells the truth about the tables that mirror Visma Business."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.utils.translation import override

from tests.guard.documented import columns, kind_of, ours, sections

SECTIONS = sections()
ALWAYS = {"id", "company"}  # said once at the top of the page


def fields_of(name):
    return {field.name: field for field in apps.get_model(name)._meta.local_fields}


def test_the_page_has_the_tables():
    assert len(SECTIONS) >= 15


@pytest.mark.parametrize("name", SECTIONS)
def test_every_column_on_the_page_is_a_field_with_that_label_type_and_sql_name(name):
    fields = fields_of(name)
    with override("en"):
        for column in columns(SECTIONS[name]):
            field = fields[column.field]
            assert (str(field.verbose_name), kind_of(field)) == (column.label, column.kind)
            assert (field.db_column or "") in ("", column.sql)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_field_is_on_the_page_once(name):
    told = [column.field for column in columns(SECTIONS[name])]
    assert len(told) == len(set(told))
    assert not set(told) & ours(SECTIONS[name])
    assert set(told) | ours(SECTIONS[name]) == set(fields_of(name)) - ALWAYS


def test_every_sql_name_in_the_models_is_on_the_page():
    used = {
        (model._meta.label, field.name, field.db_column)
        for app in ("companies", "payments", "integration")
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
        for field in model._meta.local_fields
        if field.db_column
    }
    told = {(name, column.field, column.sql) for name, text in SECTIONS.items() for column in columns(text)}
    assert used <= told
