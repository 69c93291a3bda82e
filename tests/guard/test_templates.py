"""Rules every template keeps: it compiles, speaks through translations, and needs nothing the policy forbids."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import lucide
import pytest
from django.template import engines
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
NAMES = [str(path.relative_to(FOLDER)) for path in TEMPLATES]
PYTHON = [
    path
    for app in ("autopay_console", "companies", "payments", "integration")
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts and "sandbox" not in path.parts
]
SAME_EVERYWHERE = {"AutoPay Console", "ms", "KID", "IBAN", "BIC", "CSV", "XLSX", "SIE 4", "SHA-256", "OpenAPI (JSON)"}
MESSAGE = re.compile(r"(pain|camt)\.[\d.]*|VIP|XML|MsgId|PmtInfId|EndToEndId|InstrId|UETR|CtrlSum|PmtInf")
SIZES = re.compile(r"\{%\s*block \w+_(size|class)\s*%\}.*?\{%\s*endblock\s*\w*\s*%\}")
ATTRIBUTES = ("aria-label", "placeholder", "title", "alt", "data-key-label")
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
TRANSLATED = re.compile(r"\{%\s*(blocktrans\w*|comment)\b.*?\{%\s*end(blocktrans\w*|comment)\s*%\}", re.DOTALL)
WORD = re.compile(r"[A-Za-zÆØÅæøå]{2,}")


class Reader(HTMLParser):
    """Texts and attributes of a template as a browser would meet them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "kbd", "code"):
            self.silent += 1
        given = dict(attrs)
        if tag == "style" or "style" in given:
            self.found.append("a style in the page")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.found.append("a script in the page")
        self.found += [f"{name} in the page" for name in given if name.startswith(("on", "hx-on"))]
        self.found += [f"js: in {name}" for name, value in given.items() if (value or "").startswith("js:")]
        self.texts += [given[name] or "" for name in ATTRIBUTES if name in given]

    def handle_endtag(self, tag):
        if tag in ("script", "style", "kbd", "code"):
            self.silent = max(self.silent - 1, 0)

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data)


def read(path: Path) -> Reader:
    """The template with translated parts and tags taken out."""
    reader = Reader()
    reader.feed(TAG.sub(" ", TRANSLATED.sub(" ", SIZES.sub(" ", path.read_text()))))
    return reader


@pytest.mark.parametrize("name", NAMES)
def test_every_template_compiles(name):
    get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_no_template_needs_what_the_policy_forbids(path):
    assert read(path).found == []


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if "elements" not in path.parts], ids=lambda path: str(path.relative_to(FOLDER))
)
def test_every_word_can_be_translated(path):
    texts = (" ".join(text.split()).strip(" ·,") for text in read(path).texts)
    words = (text for text in texts if text not in SAME_EVERYWHERE)
    assert [text for text in words if WORD.search(MESSAGE.sub("", text))] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_no_template_loads_from_elsewhere(path):
    assert not re.search(r"(?:src|href|action)=[\"']?(?:https?:)?//", path.read_text())


def test_every_icon_that_is_named_exists():
    with ZipFile(Path(lucide.__file__).parent / "lucide.zip") as pictures:
        known = {Path(name).stem for name in pictures.namelist()}
    named = set()
    for path in TEMPLATES:
        named |= set(re.findall(r"\{%\s*icon\s+[\"']([\w-]+)", path.read_text()))
        named |= set(re.findall(r"\bicon=[\"']([\w-]+)", path.read_text()))
    for path in PYTHON:
        named |= set(re.findall(r"\bicon=[\"']([\w-]+)", path.read_text()))
    assert named - known == set()


def test_a_translated_text_never_holds_markup():
    spoiled = [path.name for path in TEMPLATES if re.search(r"\{%\s*translate\s+[\"'][^\"']*<[a-z]", path.read_text())]
    assert spoiled == []


def test_djlint_has_nothing_to_say():
    command = [sys.executable, "-m", "djlint", str(FOLDER), "--lint", "--quiet"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "static/js").glob("*.js")), ids=lambda path: path.name)
def test_a_script_stays_small_and_needs_no_eval(path):
    text = path.read_text()
    assert len(text.splitlines()) < 60
    assert not re.search(r"\beval\(|new Function|innerHTML\s*=|outerHTML\s*=|document\.write|\.style\.", text)
    if node := shutil.which("node"):
        subprocess.run([node, "--check", "--input-type=module", "-"], input=text, text=True, check=True)


def test_the_engine_finds_our_field_part():
    assert engines["django"].from_string('{% include "components/field.html" %}')
