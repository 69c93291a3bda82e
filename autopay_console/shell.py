"""What stands around every page: company in force, side bar, counts of what waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame: rights, company, companies to switch to."""
    return {"rights": getattr(request, "rights", None), "company": getattr(request, "company", None)}
