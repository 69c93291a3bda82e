"""The second factor at a signature: right codes once, wrong ones counted, passkeys only with a fresh challenge."""

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse

from companies.choices import Role
from payments.web import second_factor
from tests import build

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def anna(rf, settings):
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}
    person = build.a_person(Role.APPROVER, company=build.a_company())
    request = rf.post("/")
    request.user, request.session = person, {}
    with context.request_context(request):
        yield person


def right_code():
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def test_without_a_second_factor_the_person_is_told_to_set_one_up(anna):
    with pytest.raises(ValidationError, match="no second factor yet"):
        second_factor.check(anna, "123456")


def test_the_code_of_the_app_is_right_once(anna):
    TOTP.activate(anna, SECRET)
    code = right_code()
    second_factor.check(anna, code)
    with pytest.raises(ValidationError):
        second_factor.check(anna, code)


def test_a_recovery_code_is_right_once(anna):
    TOTP.activate(anna, SECRET)
    code = RecoveryCodes.activate(anna).generate_codes()[0]
    second_factor.check(anna, code)
    with pytest.raises(ValidationError):
        second_factor.check(anna, code)


def test_too_many_wrong_codes_close_the_door_even_for_the_right_one(anna):
    TOTP.activate(anna, SECRET)
    for _ in range(3):
        with pytest.raises(ValidationError, match="not right"):
            second_factor.check(anna, "000000")
    with pytest.raises(ValidationError, match="Too many"):
        second_factor.check(anna, right_code())


@pytest.mark.parametrize("answer", ["", "null", "{}", "[]", '{"id": "x", "response": {}}'])
def test_a_made_up_answer_of_a_passkey_is_wrong(anna, answer):
    Authenticator.objects.create(user=anna, type=Authenticator.Type.WEBAUTHN, data={})
    with pytest.raises(ValidationError):
        second_factor.check(anna, f"{second_factor.PASSKEY}{answer}")


def test_a_challenge_is_fresh_each_time_and_never_kept_by_the_browser(client, anna):
    client.force_login(anna)
    answers = [client.get(reverse("second_factor_challenge")) for _ in range(2)]
    one, two = (answer.json()["request_options"]["publicKey"]["challenge"] for answer in answers)
    assert one != two
    assert "no-store" in answers[0].headers["Cache-Control"]
