"""What the documents point to is there: files, links, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from payments.table_import.tables import TABLES

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TOPS = (
    "autopay_console",
    "companies",
    "payments",
    "integration",
    "demo",
    "bench",
    "bin",
    "docs",
    "tests",
    "templates",
    "static",
)
FILE = re.compile(r"`((?:" + "|".join(TOPS) + r")/[\w./*-]*)[^`]*`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_links_on_the_page_exist(page):
    text = page.read_text(encoding="utf-8")
    gone = [name for name in FILE.findall(text) if not list(ROOT.glob(name.rstrip("/")))]
    gone += [name for name in LINK.findall(text) if not (page.parent / name).exists()]
    assert gone == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_on_the_page_exist(page):
    named = set(re.findall(r"manage\.py ([a-z_]+)", page.read_text(encoding="utf-8")))
    assert named - set(get_commands()) == set()


def test_every_column_of_the_imports_is_documented():
    page = (ROOT / "docs/data-in-and-out.md").read_text(encoding="utf-8")
    missing = [
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if f"| `{column.name}` | {column.label} | {column.norwegian} |" not in page
    ]
    assert missing == []
