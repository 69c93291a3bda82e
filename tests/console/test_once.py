"""One question, one answer, while a page is read; and never longer."""

import pytest
from django.urls import reverse

from autopay_console.kernel.once import once, reading
from companies.clock import business_date, set_business_time
from tests import build


@pytest.fixture
def asked():
    return []


def ask(asked):
    return once("how many", lambda: asked.append(1) or len(asked))


def test_a_page_asks_the_same_question_once(asked):
    with reading():
        assert [ask(asked), ask(asked)] == [1, 1]


def test_the_next_page_asks_again(asked):
    with reading():
        ask(asked)
    with reading():
        assert ask(asked) == 2


def test_outside_a_page_every_question_is_asked(asked):
    assert [ask(asked), ask(asked)] == [1, 2]


def test_an_answer_that_failed_is_not_kept():
    def fails():
        raise LookupError

    with reading():
        with pytest.raises(LookupError):
            once("where", fails)
        assert once("where", lambda: "here") == "here"


@pytest.mark.django_db
def test_the_clock_is_read_anew_by_the_next_page(client):
    client.force_login(build.a_person("reader", company=build.a_company()))
    client.get(reverse("overview"))
    set_business_time(build.NOW.replace(year=2031))
    assert business_date().year == 2031
