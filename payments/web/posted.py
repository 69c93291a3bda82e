"""What a form was sent, if it was sent at all."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """The fields of a POST, also when none was ticked or filled in; None when the form is only shown."""
    return request.POST if request.method == "POST" else None
