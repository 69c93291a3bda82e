"""Who may know whom: the contracts of .importlinter hold, and they bite."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("autopay_console", "companies", "payments", "integration")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# a line nobody may write, and the contract that has to say so
PLANTED = {
    "Apps point one way": ("companies/mails.py", "from payments.choices import LineStatus"),
    "Companies": ("companies/pending.py", "from companies import saving"),
    "Payments": ("payments/lifecycle.py", "from payments.releasing import uploading"),
    "Integration": ("integration/gateway/keys.py", "from integration import sending"),
    "Formats and value rules": ("payments/iso20022/words.py", "from django.db import models"),
    "The sandbox is the other side": ("integration/sandbox/camt.py", "from payments.iso20022 import values"),
    "We know the sandbox": ("integration/health.py", "from integration.sandbox import camt"),
    "No two modules": ("payments/settling/settlement_facts.py", "from payments.settling import settlement"),
}


def checked(folder):
    run = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    return run.returncode, run.stdout + run.stderr


def broken(said):
    return [line for line in said.splitlines() if " BROKEN" in line]


def test_every_import_follows_the_layers():
    code, said = checked(ROOT)
    assert code == 0, said[said.find("Broken contracts") :]


def test_each_contract_finds_what_breaks_it(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for file, line in PLANTED.values():
        path = tmp_path / file
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    code, said = checked(tmp_path)
    assert code == 1
    assert [name for name in PLANTED if not any(one.startswith(name) for one in broken(said))] == []


def test_a_module_without_a_layer_is_reported(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    (tmp_path / "payments/somewhere.py").write_text('"""New."""\n', encoding="utf-8")
    _, said = checked(tmp_path)
    assert re.search(r"not listed as layers:\s+- payments\.somewhere", said)
