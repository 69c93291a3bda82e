"""Tags of every screen."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import translation

from autopay_console.kernel.money import Money
from payments.models import Payment, Transfer

OSLO = ZoneInfo("Europe/Oslo")


def show(text, **context):
    return Template("{% load console %}" + text).render(Context(context)).strip()


def test_an_amount_has_thin_spaces_and_its_currency_after_it():
    assert show("{% money a 'NOK' %}", a=Decimal("48250")) == '48\u202f250.00<span class="cur">\u00a0NOK</span>'
    assert show("{% money a %}", a=Money(Decimal("-1.5"), "EUR")) == '\u22121.50<span class="cur">\u00a0EUR</span>'


def test_yen_has_no_decimals_and_dinars_three():
    assert show("{% money a 'JPY' %}", a=Decimal("1500")).startswith("1\u202f500<")
    assert show("{% money a 'KWD' %}", a=Decimal("1.5")).startswith("1.500<")


def test_no_amount_is_a_dash():
    assert show("{% money a 'NOK' %}", a=None) == "–"


def test_a_status_is_a_code_and_a_word():
    assert show("{% status 4 note='AC04' %}") == '<span class="st bad"><b>4</b> Rejected · AC04</span>'
    assert 'class="st good"' in show("{% status 6 %}")


def test_a_badge_knows_its_tone_by_the_field():
    assert show("{% badge_of p 'word' %}", p=Payment(word="completed")) == '<span class="badge good">Completed</span>'
    assert 'class="badge warn"' in show("{% badge_of t 'state' %}", t=Transfer(state="unknown"))


def test_names_are_never_markup():
    assert "<script" not in show("{% badge 'warn' name %}{% crumbs name %}", name="<script>")


def test_an_icon_is_hidden_from_readers():
    assert 'aria-hidden="true"' in show("{% icon 'check' %}")


def test_accounts_are_printed_in_groups():
    assert show("{{ a|account }}", a="NO9386011117947") == "NO93\u00a08601\u00a01117\u00a0947"
    assert show("{{ a|tail }}", a="NO9386011117947") == "…7947"


def test_a_digest_is_first_and_last_four():
    assert show("{{ d|digest }}", d="4be1" + "0" * 56 + "30dd") == "4be1…30dd"
    assert show("{{ d|digest:'long' }}", d="ab12" * 16).startswith("ab12 ab12 ")


@time_machine.travel(datetime(2026, 11, 25, 10, 0, tzinfo=OSLO), tick=False)
def test_moments_are_told_as_people_do():
    assert "today 09:31" in show("{% when m %}", m=datetime(2026, 11, 25, 9, 31, tzinfo=OSLO))
    assert "yesterday 16:02" in show("{% when m %}", m=datetime(2026, 11, 24, 16, 2, tzinfo=OSLO))
    assert "Mon 23 Nov 10:04" in show("{% when m %}", m=datetime(2026, 11, 23, 10, 4, tzinfo=OSLO))
    assert ">2026-11-23 10:04<" in show("{% when m 'table' %}", m=datetime(2026, 11, 23, 10, 4, tzinfo=OSLO))
    assert show("{{ d|day }}", d=date(2027, 1, 4)) == "Mon 4 Jan 2027"


def test_a_page_that_does_not_exist_yet_has_no_address():
    assert show("{% page_url 'no-such-page' %}") == ""
    assert show("{% page_url 'home' %}") == "/"


@pytest.mark.parametrize(("many", "shown"), [(12, "12"), (10_000, "10\u202f000"), (10_001, "10\u202f000+")])
def test_counts_stop_at_ten_thousand(many, shown):
    assert show("{{ n|amount_count }}", n=many) == shown


def test_approvals_are_pips_and_words():
    assert show("{% pips 1 2 %}").count('class="on"') == 1
    assert "1 of 2" in show("{% pips 1 2 %}")


def test_days_are_written_as_the_language_writes_them():
    with translation.override("nb"):
        assert show("{{ d|day }}", d=date(2027, 12, 4)) == "lør 4. des 2027"
