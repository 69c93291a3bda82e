"""*Message queue*: the service that fetches notifications. Install, Credentials, running or stopped, View log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import broker, htmx, log_ring
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.logs import QUEUE_LOG
from companies import saving
from companies.access import ConsoleRequest, instance_view
from companies.models import Person
from integration import enabling
from integration.choices import ServiceState
from integration.gateway import client
from integration.gateway.errors import GatewayError, WrongCredentials
from integration.models import WorkerBeat
from integration.queue import registration
from integration.queue.beating import told
from integration.service_person import SYSTEM, service_person
from integration.web.setup_form import password_field, user_field

LINES = 500
TONES = {ServiceState.RUNNING: "good", ServiceState.PAUSED: "warn", ServiceState.STOPPED: "bad"}


class CredentialsForm(ConsoleForm):
    """What the service logs in with. The password is written, never shown."""

    service_person = forms.CharField(
        label=gettext_lazy("Service person"),
        max_length=150,
        help_text=gettext_lazy("Usually “system”. Nobody logs in as this person; it is made when it is missing."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    gateway_user = user_field()
    gateway_password = password_field(
        gettext_lazy("Checked at the gateway when you save, stored encrypted, never shown."), required=True
    )
    person: Person | None = None

    def clean_service_person(self) -> str:
        """A person of this installation; `system` need not be there yet."""
        name = str(self.cleaned_data["service_person"]).strip()
        self.person = service_person(name)
        if self.person is None:
            raise forms.ValidationError(_("There is no person “%(name)s”. Use “system”.") % {"name": name})
        return name


@require_GET
@instance_view()
def queue_service(request: ConsoleRequest) -> HttpResponse:
    """The service as the guide's console shows it; its state is asked for again every five seconds."""
    return _page(request)


def _page(request: ConsoleRequest) -> HttpResponse:
    now = timezone.now()
    state = registration.service_state()
    alive = now - timedelta(seconds=registration.ALIVE_SECONDS)
    beats = WorkerBeat.objects.filter(kind=registration.CONSUMER).order_by("-beat_at")[:10]
    row = client.system_information()
    readers = registration.alive(registration.CONSUMER)
    waits = state == ServiceState.RUNNING and all(registration.waits(one) for one in readers)
    context = {
        "row": registration.service(),
        "system": row,
        "queue_name": registration.queue_name(),
        "state": state,
        "tone": "warn" if waits else TONES.get(state, ""),
        "beats": [(beat, _state(beat, alive), told(beat.doing)) for beat in beats],
        "waits": waits,
        "depth": _depth(),
        "now": now,
        **({} if htmx.target_of(request) == "service" else _log(request)),
    }
    return htmx.render_page(request, "integration/queue_service.html", context, part="service")


def _state(beat: WorkerBeat, alive: datetime) -> str:
    if beat.stopping:
        return "ended"
    if beat.beat_at >= alive:
        return "alive"
    return "replaced" if registration.replaced(beat) else "silent"


@require_GET
@instance_view()
def log(request: ConsoleRequest) -> HttpResponse:
    """*View log*: the last 500 lines, or those of one message."""
    if htmx.target_of(request) != "log":
        return _page(request)
    return htmx.render_page(request, "integration/queue_service.html", _log(request), part="log")


@require_POST
@instance_view()
def install(request: ConsoleRequest) -> HttpResponse:
    """*Install*: makes and registers the queue."""
    try:
        state = registration.install(request.user)
    except GatewayError as error:
        said = f"{error.text} {enabling.remedy(error, client.system_information().opg_address)}"
        return htmx.done(request, toast=said, tone="bad", to="queue_service", refresh=("service",))
    except broker.troubles() as error:
        said = _("The broker does not answer: %(error)s") % {"error": str(error)[:200]}
        return htmx.done(request, toast=said, tone="bad", to="queue_service", refresh=("service",))
    said = _("The queue %(name)s is made and registered.") % {"name": state.name}
    return htmx.done(request, toast=said, to="queue_service", refresh=("service",))


@require_http_methods(["GET", "POST"])
@instance_view()
def credentials(request: ConsoleRequest) -> HttpResponse:
    """*Credentials*: kept only when the gateway accepts them."""
    row = client.system_information()
    initial = {
        "service_person": row.service_person.username if row.service_person else SYSTEM,
        "gateway_user": row.gateway_user,
    }
    form = CredentialsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid() and form.person:
        facts = form.cleaned_data
        try:
            registration.save_credentials(
                form.person, facts["gateway_user"], facts["gateway_password"], by=request.user
            )
        except WrongCredentials:
            form.add_error("gateway_password", _("The gateway does not accept this user and password."))
        except GatewayError as error:
            text = _("Not saved, for it could not be checked: %(error)s")
            form.add_error(None, f"{text % {'error': error.text}} {enabling.remedy(error, row.opg_address)}")
        except saving.ChangedMeanwhile:
            form.add_error(None, _("Somebody saved System information meanwhile. Save again to put yours over it."))
        else:
            said = _("The gateway accepts user and password; they are stored encrypted.")
            return htmx.done(request, toast=said, to="queue_service", refresh=("service",))
    context = {"form": form, "action": reverse("queue_credentials"), "address": row.opg_address}
    status = 422 if form.errors else 200
    return htmx.render_dialog(request, "integration/queue_credentials.html", context, status=status)


@require_POST
@instance_view()
def pause(request: ConsoleRequest) -> HttpResponse:
    """Stop taking messages; what arrives stays in the queue."""
    registration.pause(request.user)
    return htmx.done(request, toast=_("The consumer is paused."), to="queue_service", refresh=("service",))


@require_POST
@instance_view()
def resume(request: ConsoleRequest) -> HttpResponse:
    """Take messages again."""
    registration.resume()
    return htmx.done(request, toast=_("The consumer takes messages again."), to="queue_service", refresh=("service",))


def _log(request: ConsoleRequest) -> dict[str, Any]:
    wanted = request.GET.get("message", "").strip()[:100]
    try:
        lines = log_ring.last(QUEUE_LOG, LINES, wanted)
    except broker.troubles() as error:
        return {"log": [], "wanted": wanted, "log_error": str(error)[:200]}
    return {"log": lines, "wanted": wanted, "log_error": ""}


def _depth() -> registration.Depth | None:
    try:
        with broker.client(read_seconds=2) as line:
            return registration.depth(line, registration.queue_name())
    except broker.troubles():
        return None
