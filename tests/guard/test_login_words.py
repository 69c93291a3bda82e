"""The pages of the login package say what the console says: a passkey, in both languages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import allauth
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests import build
from tests.guard.test_texts import FOLDER, entries_of

OURS = FOLDER.parents[1] / "login"
THEIRS = Path(allauth.__file__).parent / "locale/nb/LC_MESSAGES/django.po"
OTHER_WORDS = ("security key", "sikkerhetsnøk")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_no_text_of_the_login_package_calls_a_passkey_something_else(language):
    texts = [text for _context, text in entries_of(THEIRS) if "security key" in text.lower()]
    assert len(texts) > 10
    with translation.override(language):
        said = [
            translation.ngettext(text, text + "s", 1) if "%(count)s" in text else translation.gettext(text)
            for text in texts
        ]
    assert [text for text in said if any(word in text.lower() for word in OTHER_WORDS)] == []


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("en", "Passkeys"), ("nb", "Passnøkler")])
def test_the_page_of_second_factors_speaks_of_passkeys(language, word):
    person = build.an_accountant(build.a_company())
    person.language = language
    person.save(update_fields=["language"])
    client = Client()
    client.force_login(person)
    page = client.get(reverse("mfa_index")).content.decode()
    assert word in page
    assert not any(one in page.lower() for one in OTHER_WORDS)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_compiled_words_are_those_of_the_source(language, tmp_path):
    folder = OURS / language / "LC_MESSAGES"
    try:
        subprocess.run(["msgfmt", "-o", str(tmp_path / "fresh.mo"), str(folder / "django.po")], check=True)
    except FileNotFoundError:
        pytest.skip("GNU gettext is not installed; run bin/texts compile where it is")
    assert (tmp_path / "fresh.mo").read_bytes() == (folder / "django.mo").read_bytes(), "run bin/texts compile"
