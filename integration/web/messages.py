"""The queue's messages: what came, what became of it, and what a person can do about those that failed."""

from __future__ import annotations

import uuid

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.listing import Tab, list_rows, picked
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, instance_view
from integration.choices import MessageState
from integration.models import InboxMessage
from integration.queue import registration, resolving

FIELDS = (
    Field("state", "choice", "state", gettext_lazy("State"), MessageState.choices),
    Field("type", "text", "message_type", gettext_lazy("Type")),
    Field("id", "text", "message_id", gettext_lazy("Message id")),
    Field("file", "text", "file_id", gettext_lazy("File id")),
)
SORTS = {"received": "received_at"}


@require_GET
@instance_view()
def messages(request: ConsoleRequest) -> HttpResponse:
    """Newest first; views by state with how many."""
    search = understand(request, FIELDS, free=lambda word: Q(message_id__startswith=word) | Q(file_id__startswith=word))
    rows = InboxMessage.objects.select_related("company")
    state = request.GET.get("view", "")
    if state in MessageState.values:
        rows = rows.filter(state=state)
    listing = list_rows(request, rows, sorts=SORTS, default="-received", search=search)
    counts = dict(InboxMessage.objects.values_list("state").annotate(many=Count("id")))
    tabs = [Tab(_("All"), request.path, None, not state)]
    tabs += [
        Tab(label, f"{request.path}?view={value}", counts[value], state == value)
        for value, label in MessageState.choices
        if counts.get(value)
    ]
    context = {
        "listing": listing,
        "tabs": tabs,
        "state": MessageState(state).label if state in MessageState.values else "",
        "service": registration.service_state(),
        "view": state,
        "stuck": resolving.RETRIED,
        "queue_name": registration.queue_name(),
        "queue": registration.service(),
    }
    return htmx.render_page(request, "integration/messages.html", context, part="listing")


@require_GET
@instance_view()
def message(request: ConsoleRequest, pk: uuid.UUID) -> HttpResponse:
    """One message: envelope as it came, attempts, reason, what it led to."""
    row = get_object_or_404(InboxMessage.objects.select_related("company", "bank_file", "done_by"), pk=pk)
    return render(request, "integration/message.html", {"message": row, "stuck": row.state in resolving.RETRIED})


@require_POST
@instance_view()
def resolve(request: ConsoleRequest, pk: uuid.UUID) -> HttpResponse:
    """Try again, try again all like this, or put aside with a reason."""
    row = get_object_or_404(InboxMessage, pk=pk)
    what = request.POST.get("what")
    if what in ("again", "all"):
        act = resolving.try_all_like if what == "all" else resolving.try_again
        said, tone = _told(act(row, request.user))
        return htmx.done(request, toast=said, tone=tone, to="messages", go=True)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        return render(
            request, "integration/message.html", {"message": row, "stuck": True, "reason_missing": True}, status=422
        )
    said = _("Put aside.") if resolving.put_aside(row, request.user, reason) else _("It moved on meanwhile.")
    return htmx.done(request, toast=said, to="messages", go=True)


@require_POST
@instance_view()
def resolve_ticked(request: ConsoleRequest) -> HttpResponse:
    """The same for the rows ticked in the list; it leads back to the view it came from."""
    ids = list(picked(request, InboxMessage.objects.filter(state__in=resolving.RETRIED)).values_list("pk", flat=True))
    view = request.POST.get("view", "")
    here = reverse("messages") + (f"?view={view}" if view in MessageState.values else "")
    what, reason = request.POST.get("what"), request.POST.get("reason", "").strip()
    if what == "aside" and not reason:
        return htmx.done(request, toast=_("Say why it is put aside."), tone="bad", to=here, go=True)
    if what == "aside":
        many = resolving.put_these_aside(ids, request.user, reason)
        said = ngettext("%(n)s message is put aside.", "%(n)s messages are put aside.", many) % {"n": many}
    else:
        act = resolving.try_all_like_these if what == "all" else resolving.try_these_again
        said, tone = _told(act(ids, request.user))
        return htmx.done(request, toast=said, tone=tone, to=here, go=True)
    return htmx.done(request, toast=said, tone="good" if many else "warn", to=here, go=True)


def _told(again: resolving.Again) -> tuple[str, str]:
    """What became of a second try, and its tone: what cannot be read any better is parked as before."""
    n, parked = again.many - again.parked, again.parked
    if not again.many:
        return _("It moved on meanwhile."), "warn"
    told = []
    if n:
        told.append(ngettext("%(n)s message will be tried again.", "%(n)s messages will be tried again.", n) % {"n": n})
    if parked:
        text = ngettext(
            "%(n)s message is parked again: nothing is mended.",
            "%(n)s messages are parked again: nothing is mended.",
            parked,
        )
        told.append(text % {"n": parked})
    return " ".join(told), "good" if not parked else "warn"
