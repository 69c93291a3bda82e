"""Wrong tries are counted for all processes together."""

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limits(settings):
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}


def tried(client, password):
    answer = client.post(reverse("account_login"), {"login": "anna", "password": password})
    return answer.status_code == 302, answer.content.decode()


def test_too_many_wrong_passwords_close_the_door_even_for_the_right_one_and_another_browser():
    person = build.a_person(username="anna")
    person.set_password("en lang og sjelden setning")
    person.save()
    for _ in range(4):
        tried(Client(), "wrong")
    inside, text = tried(Client(), "en lang og sjelden setning")
    assert not inside
    assert "Too many failed login attempts" in text


def test_the_count_is_kept_where_every_process_sees_it():
    assert django_settings.CACHES["default"]["BACKEND"].endswith("db.DatabaseCache")
