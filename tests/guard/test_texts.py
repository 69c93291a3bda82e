"""The translations: compiled from their source, and with the same places for values."""

from __future__ import annotations

import re
import shutil
import subprocess
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
