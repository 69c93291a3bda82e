"""The rules of the house: small files and functions, nothing half done, no word about the place this was written."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("autopay_console", "companies", "payments", "integration", "demo", "bench")
LONGEST_FILE, LONGEST_FUNCTION = 350, 60
TEXTS = {".py", ".html", ".css", ".js", ".md", ".toml", ".yaml", ".yml", ".txt", ".in", ".sh", ".sql", ".cfg", ""}

HALF_DONE = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|NotImplementedError", re.MULTILINE)
FLOAT_MONEY = re.compile(r"float\([^)]*(?:amount|total|sum|rate)", re.IGNORECASE)
# Spelled in pieces, so that this file does not find itself.
PLACE = re.compile(
    "|".join(("/wo" + r"rk/(?:main|shared)", r"/home/[a-z]+/", r"/Us" + "ers/", r"/ro" + "ot/", "/tmp/" + r"brief"))
)
WORKPLACE = re.compile(
    r"\b(?:"
    + "|".join(("cla" + "ude", "anth" + "ropic", "open" + "ai", "chat" + "gpt", "co" + "pilot", r"a\.?i\. ag" + "ent"))
    + r")\b",
    re.IGNORECASE,
)


def tracked():
    """Files that are handed over: what git knows, else what lies in the folder."""
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = run.stdout.split("\0") if run.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
    paths = (ROOT / name for name in names if name)
    return [path for path in paths if path.is_file() and path.suffix in TEXTS and ".venv" not in path.parts]


def product():
    """Our Python without migrations and tests."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in PRODUCT
        and "migrations" not in path.relative_to(ROOT).parts
    ]


def lines_with(pattern, paths):
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}")
    return found


def test_there_is_something_to_look_at():
    assert len(product()) > 200


def test_no_file_is_longer_than_a_reader_keeps_in_mind():
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in product()}
    assert [f"{path.relative_to(ROOT)}: {n} lines" for path, n in lengths.items() if n > LONGEST_FILE] == []


def test_no_function_is_longer_than_a_screen():
    found = []
    for path in product():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                size = node.end_lineno - node.lineno + 1
                if size > LONGEST_FUNCTION:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {size} lines")
    assert found == []


def test_numbers_a_browser_sent_are_read_in_one_place():
    """`kernel/numbers.py` knows what fits a column; a view that reads digits by hand forgets it."""
    views = [path for path in product() if "web" in path.relative_to(ROOT).parts]
    assert lines_with(re.compile(r"\.(?:isdecimal|isdigit|isnumeric)\("), views) == []


def test_nothing_is_left_half_done():
    assert lines_with(HALF_DONE, product()) == []


def test_money_is_never_a_float():
    assert lines_with(FLOAT_MONEY, product()) == []


def test_every_module_says_what_it_is_for():
    silent = []
    for path in product():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and not ast.get_docstring(tree) and path.name not in ("__init__.py", "apps.py"):
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


@pytest.mark.parametrize("pattern", [PLACE, WORKPLACE], ids=["paths of one machine", "words of a workplace"])
def test_the_text_speaks_of_the_product_alone(pattern):
    assert lines_with(pattern, tracked()) == []
