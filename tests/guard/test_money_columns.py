"""Money is stored in one kind of column only."""

from django.apps import apps
from django.db import models

RATES = {"rate"}


def our_fields():
    for app in ("companies", "payments", "integration"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.get_fields():
                if isinstance(field, models.Field):
                    yield model, field


def test_no_table_has_a_float_column():
    assert [f"{m.__name__}.{f.name}" for m, f in our_fields() if isinstance(f, models.FloatField)] == []


def test_decimal_columns_hold_rates_only_and_money_is_a_money_field():
    decimals = {f.name for _, f in our_fields() if isinstance(f, models.DecimalField)}
    assert decimals <= RATES
