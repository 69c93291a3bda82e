"""*Download*: fetch the company's list of messages from the gateway and hear what the queue did not bring.

By hand on a click, and every quarter of an hour by the schedule: a lost message costs a delay only. Messages known
already change nothing. What came only this way is marked, so that operations sees that the queue loses something.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.utils import timezone

from autopay_console.kernel.nudging import nudge
from companies.choices import LinkState
from companies.models import Company, Person
from integration import traffic
from integration.gateway import client
from integration.gateway.errors import GatewayError
from integration.models import DownloadMark
from integration.queue import envelope, inbox

PAGES = 50  # of 100 messages in one go; the rest comes with the next
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a download brought: messages looked at, of which new; the others were known. `more`: the list goes on."""

    looked_at: int = 0
    new: int = 0
    more: bool = False

    @property
    def known(self) -> int:
        return self.looked_at - self.new


def download(company: Company, by: Person | None = None, *, from_start: bool = False) -> Downloaded:
    """Read the company's message list, every type, from where the last download ended. Raises GatewayError.

    `from_start` reads the whole list again; what is known changes nothing, so that is slow but never wrong.
    """
    mark = _mark(company)
    if from_start:
        mark.position = 0
    seen, new, more = 0, 0, False
    try:
        with traffic.on_occasion(person=by), client.connect() as gateway:
            for _page in range(PAGES):
                page = gateway.messages_after(company, mark.position)
                heard = inbox.hear([envelope.of_message(one) for one in page.messages], by_download=True)
                nudge("integration.tasks.handle_messages", heard.new)
                seen += len(page.messages)
                new += len(heard.new) + heard.parked
                _move_on(mark, page.next)
                if not (more := page.more):
                    break
    except GatewayError as error:
        DownloadMark.objects.filter(pk=mark.pk).update(last_error=f"{error.code}: {error.text}"[:500])
        raise
    DownloadMark.objects.filter(pk=mark.pk).update(read_at=timezone.now(), last_error="", person=by)
    if new:
        log.info("downloaded", company=company.number, looked_at=seen, new=new)
    return Downloaded(seen, new, more)


def download_all() -> int:
    """Every linked company in turn; how many messages were new. One that fails does not stop the others."""
    new = 0
    for company in Company.objects.filter(link_state=LinkState.LINKED).exclude(signing_key="").order_by("number"):
        try:
            new += download(company).new
        except GatewayError as error:
            log.warning("download_failed", company=company.number, error=error.code)
            if not error.surely_not_taken or error.code == "unreachable":
                break  # the gateway is away for all of them
    return new


def _mark(company: Company) -> DownloadMark:
    """Where to go on; a company linked anew has a new list."""
    mark, _made = DownloadMark.objects.get_or_create(
        company=company, defaults={"remote_company_id": company.visma_company_id}
    )
    if mark.remote_company_id != company.visma_company_id:
        mark.remote_company_id, mark.position = company.visma_company_id, 0
        mark.save(update_fields=["remote_company_id", "position"])
    return mark


def _move_on(mark: DownloadMark, position: int) -> None:
    """Forward only: two downloads at once must not set the mark back."""
    DownloadMark.objects.filter(pk=mark.pk, position__lt=position).update(position=position)
    mark.position = max(mark.position, position)
