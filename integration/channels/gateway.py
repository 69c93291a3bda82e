"""The gateway as a channel: its answer means that AutoPay central has the file; the bank comes later."""

from __future__ import annotations

from pathlib import Path

from integration import traffic
from integration.channels.base import Absent, Delivered, Found, Lost, NotSent, Outcome, Refusal
from integration.gateway import client
from integration.gateway.answers import Upload
from integration.gateway.errors import GatewayError, Refused
from payments.models import Transfer


class GatewayChannel:
    """Upload by HTTP, and the question by message id when an answer was lost."""

    def send(self, transfer: Transfer, file: Path) -> Outcome:
        """Upload the sealed bytes; the same message id and bytes may come any number of times."""
        account = transfer.payment.bank_partner.account
        try:
            with client.connect() as gateway:
                answer = gateway.upload(
                    transfer.company,
                    account,
                    transfer.msg_id,
                    file,
                    transfer.digest,
                    kept=traffic.keep_transfer(transfer),
                    count=transfer.item_count,
                    total=transfer.control_sum,
                )
        except Refused as error:
            return Refusal(error.code, error.text)
        except GatewayError as error:
            return NotSent(error.text) if error.surely_not_taken else Lost(error.text)
        return _known(transfer, answer)

    def look_for(self, transfer: Transfer) -> Found:
        """What AutoPay central knows under this message id."""
        try:
            with client.connect() as gateway:
                answer = gateway.upload_status(transfer.company, transfer.msg_id)
        except GatewayError as error:
            return Lost(error.text)
        return Absent() if answer is None else _known(transfer, answer)


def _known(transfer: Transfer, answer: Upload) -> Delivered | Refusal:
    if answer.digest != transfer.digest:
        text = f"AutoPay has another file under the message id {transfer.msg_id} (SHA-256 {answer.digest[:16]}…)."
        return Refusal("msgid-other-bytes", text)
    if answer.state == "refused":
        return Refusal(answer.refused_code or "refused", answer.refused_text or "AutoPay refused the file.")
    return Delivered(answer.batch_id)
