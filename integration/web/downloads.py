"""*Download* by hand: fetch what the bank side has for the company, all message types, and say what came."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from autopay_console.kernel import htmx
from companies.access import ConsoleRequest, company_view
from companies.choices import AgreementState, Channel, LinkState, Role
from companies.models import BankAgreement, Company
from integration import collecting, downloading
from integration.gateway.errors import GatewayError
from integration.models import DownloadMark, InboxMessage

SHOWN = 50


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT, Role.ADMINISTRATOR)
def download(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The button, what came by it, and what became of that."""
    linked = company.link_state == LinkState.LINKED
    active = BankAgreement.objects.filter(company=company, state=AgreementState.ACTIVE, active_download=True)
    places = active.filter(channel__in=(Channel.FOLDER, Channel.SFTP)).exclude(channel_address="").exists()
    context: dict[str, object] = {
        "linked": linked,
        "places": places,
        "from_start": request.POST.get("from_start") == "1",
    }
    status = 200
    if request.method == "POST":
        context |= _fetched(request, company, linked)
        status = 422 if context.get("error") else 200
    messages = InboxMessage.objects.filter(company=company).select_related("bank_file")
    context |= {
        "mark": DownloadMark.objects.filter(company=company).select_related("person").first(),
        "latest": messages.order_by("-received_at")[:SHOWN],
    }
    return htmx.render_page(request, "integration/download.html", context, part=("latest", "answer"), status=status)


def _fetched(request: ConsoleRequest, company: Company, linked: bool) -> dict[str, object]:
    said: dict[str, object] = {"answered": True}
    if linked:
        try:
            from_start = request.POST.get("from_start") == "1"
            said["found"] = downloading.download(company, by=request.user, from_start=from_start)
        except GatewayError as error:
            said["error"] = _("The gateway did not give the list: %(why)s") % {"why": error.text}
    said["collected"] = collecting.collect_all(company, by=request.user)
    return said
