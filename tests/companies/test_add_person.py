"""The first person of an installation comes from the command line; nobody signs up by themselves."""

import pytest
from django.core.management import CommandError, call_command

from companies.models import Country, InstanceRole, Person

pytestmark = pytest.mark.django_db
GOOD = "lang-nok-og-uvanlig-27"


@pytest.fixture
def password(tmp_path):
    def write(text=GOOD):
        path = tmp_path / "password"
        path.write_text(f"{text}\n", encoding="utf-8")
        return str(path)

    return write


def add(password, *more, name="anna"):
    call_command("add_person", name, "--email", "anna@example.com", "--password-file", password, *more)


def test_the_first_administrator_can_log_in_and_finds_the_reference_rows(client, password):
    add(password(), "--instance", "administrator")
    assert client.login(username="anna", password=GOOD)
    assert InstanceRole.objects.get().role == "administrator"
    assert Country.objects.filter(code="NO").exists()


def test_without_a_right_over_the_installation_nobody_gets_one(password):
    add(password())
    assert not InstanceRole.objects.exists()


def test_a_name_is_given_once(password):
    add(password())
    with pytest.raises(CommandError, match="already"):
        add(password())


def test_a_weak_password_is_refused_and_leaves_nobody_behind(password):
    with pytest.raises(CommandError, match="12 characters"):
        add(password("short"))
    assert not Person.objects.exists()


def test_a_missing_password_file_is_named():
    with pytest.raises(CommandError, match="cannot be read"):
        add("nowhere/password")


@pytest.mark.parametrize(
    ("name", "email", "said"),
    [
        ("Anna", "else@example.com", "already"),
        ("anna2", "ANNA@example.com", "belongs to somebody else"),
        ("anna berg!", "else@example.com", "username"),
        ("berit", "no address", "email"),
    ],
)
def test_a_name_and_an_address_are_good_and_one_persons_own_whatever_their_capitals(password, name, email, said):
    add(password())
    with pytest.raises(CommandError, match=said):
        call_command("add_person", name, "--email", email, "--password-file", password())
    assert Person.objects.count() == 1


def test_the_address_is_kept_in_small_letters_so_that_it_is_found_however_it_is_typed(password):
    call_command("add_person", "cecilie", "--email", "Cecilie@Example.com", "--password-file", password())
    assert Person.objects.get().email == "cecilie@example.com"
