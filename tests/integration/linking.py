"""A company that is linked with a running sandbox, and payment files it can send there."""

from __future__ import annotations

import hashlib
from datetime import date

from django.utils import timezone

from companies.choices import Channel, LinkState
from companies.models import Company, SystemInformation
from integration import company_sync
from payments import files
from payments.choices import RoundState, TransferState
from payments.models import Transfer
from tests import build

GUID = "5f0c2a54-51d4-4c53-9f5c-2f1d4d1f0a11"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="  # bytes 0 to 31, fingerprint 630dcd29
ACCOUNT = "86011117947"
ROOM = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


def the_gateway(sandbox, *, password="sandbox", address=None):
    """System information that points to the sandbox's gateway."""
    facts = {"opg_address": address or sandbox.gateway, "gateway_user": "gateway", "gateway_password": password}
    return SystemInformation.objects.update_or_create(pk=1, defaults={**facts, "instance_guid": GUID})[0]


def an_unlinked_company(**facts):
    """A company that was never exported."""
    plain = {"signing_key": "", "visma_company_id": "", "link_state": LinkState.NOT_LINKED}
    return build.a_company(**{"organisation_no": "918234567", **plain, **facts})


def a_linked_company(sandbox, **facts):
    """A company exported to the sandbox, with an account there."""
    the_gateway(sandbox)
    company = an_unlinked_company(**facts)
    [exported] = company_sync.export([company])
    assert exported.linked, exported.text
    company = Company.objects.get(pk=company.pk)
    agreement = {"company": company_sync.keyid(company), "account": ACCOUNT, "currency": "NOK", "bic": "DNBANOKK"}
    sandbox.post("/agreements", [{**agreement, "owner": company.name, "opening": "100000.00"}])
    return company


def check_link(companies):
    """What *Check link* says about these companies."""
    return [pair.check for pair in company_sync.integrated_companies(companies)]


def a_released_transfer(company, *, lines=2, channel=Channel.GATEWAY, address="", content=None, **agreement):
    """An approved payment whose one file may leave now: rows at 8, and the sealed bytes in the data area."""
    partner = build.a_bank_partner(company, account=ACCOUNT)
    build.an_agreement(partner, channel=channel, channel_address=address, **agreement)
    payment = build.an_uploaded_payment(company, lines, bank_partner=partner)
    payment.round_state, payment.given = RoundState.RELEASED, payment.needed
    payment.save()
    transfer = payment.transfers.get()
    stored = files.store(company, "pain001", content or pain001(transfer))
    Transfer.objects.filter(pk=transfer.pk).update(
        path=stored.path, digest=stored.digest, size=stored.size, state=TransferState.RELEASED, channel=channel,
        not_before=timezone.now(),
    )  # fmt: skip
    transfer.refresh_from_db()
    return transfer


def pain001(transfer, *, padding=0):
    """A small, true pain.001.001.09 for a transfer's items, written by this test's own hand."""
    items = list(transfer.items.order_by("position"))
    total = sum(item.amount for item in items)
    day = date(2026, 11, 26)
    payments = "".join(
        f"<CdtTrfTxInf><PmtId><InstrId>{item.end_to_end_id}</InstrId><EndToEndId>{item.end_to_end_id}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{item.currency_id}">{item.amount:.2f}</InstdAmt></Amt>'
        f"<Cdtr><Nm>{item.payee_name}</Nm></Cdtr>"
        f"<CdtrAcct><Id><Othr><Id>{item.account}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id></CdtrAcct>"
        "</CdtTrfTxInf>"
        for item in items
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{ROOM}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>{transfer.msg_id}</MsgId><CreDtTm>2026-11-25T10:00:00+01:00</CreDtTm><NbOfTxs>{len(items)}</NbOfTxs>"
        f"<CtrlSum>{total:.2f}</CtrlSum><InitgPty><Nm>Nordlys</Nm></InitgPty></GrpHdr>"
        f"<PmtInf><PmtInfId>{transfer.msg_id}-01</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>{len(items)}</NbOfTxs>"
        f"<CtrlSum>{total:.2f}</CtrlSum><ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt><Dbtr><Nm>Nordlys</Nm></Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>{ACCOUNT}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><BICFI>DNBANOKKXXX</BICFI></FinInstnId></DbtrAgt>"
        f"{payments}</PmtInf></CstmrCdtTrfInitn></Document>{' ' * padding}"
    ).encode()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def fault(sandbox, operation, what, times=1, **more):
    """From now on this call goes wrong so many times."""
    rule = {"stage": "call", "when": {"operation": operation}, "then": {"fault": what, **more}, "first": True}
    sandbox.post("/rules", {**rule, "times": times})
