"""What is named on the command line: a company by its number, a file by its path; a clear stop when it is not there."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from companies.models import Company


def named_company(number: int, *, exit_code: int = 1) -> Company:
    """The company of that number. Raises CommandError, which ends the command with `exit_code`."""
    company = Company.objects.filter(number=number).first()
    if company is None:
        raise CommandError(_("There is no company %(number)s.") % {"number": number}, returncode=exit_code)
    return company


def named_file(name: str) -> Path:
    """The file at that path. Raises CommandError."""
    path = Path(name)
    if not path.is_file():
        raise CommandError(_("%(file)s is not a file that can be read.") % {"file": path})
    return path
