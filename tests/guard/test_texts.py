"""The translations: compiled from their source, and with the same places for values."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation

FOLDER = Path(__file__).resolve().parents[2] / "locale/nb/LC_MESSAGES"
PAIR = re.compile(r'^msgid "((?:[^"\\]|\\.)+)"\nmsgstr "((?:[^"\\]|\\.)+)"', re.MULTILINE)
PLACE = re.compile(r"%\(\w+\)[sd]")


def test_the_compiled_texts_are_those_of_the_source(tmp_path):
    if not shutil.which("msgfmt"):
        pytest.skip("GNU gettext is not installed; run bin/texts compile where it is")
    subprocess.run(["msgfmt", "-o", str(tmp_path / "fresh.mo"), str(FOLDER / "django.po")], check=True)
    assert (tmp_path / "fresh.mo").read_bytes() == (FOLDER / "django.mo").read_bytes(), "run bin/texts compile"


def test_a_translation_keeps_the_places_for_values():
    entries = (FOLDER / "django.po").read_text().split("\n\n")
    spoiled = []
    for entry in entries:
        found = PAIR.search(entry)
        if found and "fuzzy" not in entry and sorted(PLACE.findall(found[1])) != sorted(PLACE.findall(found[2])):
            spoiled.append(found[1])
    assert spoiled == []


def test_norwegian_is_spoken():
    with translation.override("nb"):
        assert translation.gettext("What waits for you") == "Det som venter på deg"


QUOTED = re.compile(r'^"((?:[^"\\]|\\.)*)"$')
START = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) "((?:[^"\\]|\\.)*)"$')
NO_SOURCES = ("tests", "bench", "var", "locale", "docs")


def entries_of(path):
    """`(context, text)` and its translations, empty ones and unsure ones (fuzzy) as none."""
    found = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        parts, name = {}, ""
        for line in block.splitlines():
            if start := START.match(line):
                name = start[1]
                parts[name] = start[2]
            elif more := QUOTED.match(line):
                parts[name] += more[1]
        said = [text for name, text in parts.items() if name.startswith("msgstr")]
        if parts.get("msgid"):
            sure = all(said) and not re.search(r"^#, .*fuzzy", block, re.MULTILINE)
            found[parts.get("msgctxt", ""), parts["msgid"]] = said if sure else []
    return found


@pytest.fixture(scope="module")
def texts_in_the_sources(tmp_path_factory):
    """What the sources ask to be translated now, gathered afresh as bin/texts does."""
    if not shutil.which("xgettext"):
        pytest.skip("GNU gettext is not installed, so the sources cannot be asked for their texts")
    place, root = tmp_path_factory.mktemp("texts"), FOLDER.parents[2]
    for one in root.iterdir():
        if one.is_dir() and not one.name.startswith((".", "_")) and one.name not in NO_SOURCES:
            (place / one.name).symlink_to(one)
    (place / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "-l", "nb", "--symlinks", "--no-wrap", "-v", "0"]
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    ignored = ["--ignore", "integration/sandbox/*"]
    run = subprocess.run([*command, *ignored], cwd=place, env=env, capture_output=True, text=True, timeout=200)
    assert run.returncode == 0, run.stderr[-2000:]
    return entries_of(place / "locale/nb/LC_MESSAGES/django.po")


def test_every_text_is_translated_into_norwegian(texts_in_the_sources):
    known = entries_of(FOLDER / "django.po")
    missing = [text for (context, text) in texts_in_the_sources if not known.get((context, text))]
    assert not missing, "\n".join([f"{len(missing)} texts need Norwegian (run bin/texts first):", *missing[:50]])


def test_every_plural_has_two_forms_with_places_the_source_knows():
    wrong = []
    for block in (FOLDER / "django.po").read_text(encoding="utf-8").split("\n\n"):
        if "msgid_plural" not in block:
            continue
        source, _, said = block.partition("msgstr[0]")
        one, _, many = said.partition("msgstr[1]")
        places = set(PLACE.findall(source))
        if not many or not set(PLACE.findall(one)) <= places or set(PLACE.findall(many)) != places:
            wrong.append(block)
    assert wrong == []
