"""Bank messages written for a test and read by the real reader: pain.002 and camt.054 about our own payments."""

from __future__ import annotations

import itertools
from decimal import Decimal
from xml.sax.saxutils import escape

from payments import lifecycle
from payments.choices import LineStatus
from payments.iso20022 import reading
from payments.settling import settlement
from payments.settling.settlement import SettledFact, Told
from tests.build import TODAY, an_uploaded_payment

_numbers = itertools.count(1)
P02 = 'xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"'


def a_sent_payment(company=None, lines=3, **facts):
    """A payment that really went its way: lines at 2 with their history, transfer accepted."""
    payment = an_uploaded_payment(company, lines, LineStatus.ESTIMATE, **facts)
    ids = list(payment.lines.values_list("pk", flat=True))
    lifecycle.move(ids, LineStatus.AT_EFT, source="upload")
    payment.transfers.update(state="accepted", sent_at=payment.uploaded_at)
    payment.round_state = "released"
    payment.save(update_fields=["round_state"])
    lifecycle.move(ids, LineStatus.TRANSFERRED, source="status report")
    return payment


def statuses(payment):
    """Line statuses in line order."""
    return list(payment.lines.order_by("line_no").values_list("status", flat=True))


def items_of(payment):
    return list(payment.items.order_by("position"))


def a_debit(item, **facts):
    """The fact that an item was debited as ordered."""
    facts = {
        "amount": item.amount,
        "account_amount": item.amount,
        "account_currency": "NOK",
        "value_date": TODAY,
        "booking_date": TODAY,
        "source": "camt.054 test",
        "bank_reference": f"B{item.position}",
    } | facts
    return SettledFact(
        item_id=item.pk, **{k: Decimal(v) if isinstance(v, str) and "amount" in k else v for k, v in facts.items()}
    )


def settle(company, entries, source="camt.054 test"):
    """What an import does with entries about our payments."""
    told = settlement.facts_of(company, [Told(entry, source=source) for entry in entries])
    for one in told:
        settlement.settle(one.settled)
        settlement.bring_back(one.returned)
    return told


def _file(tmp_path, text):
    path = tmp_path / f"message{next(_numbers)}.xml"
    path.write_text(text, encoding="utf-8")
    return path


def _tag(name, value):
    return f"<{name}>{escape(str(value))}</{name}>" if value else ""


def _reasons(*codes):
    found = ""
    for code in codes:
        code, _, text = code.partition(" ")
        found += f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn>{_tag('AddtlInf', text)}</StsRsnInf>" if code else ""
    return found


def transaction(status="", e2e="", reason="", amount="", account=""):
    """TxInfAndSts of pain.002."""
    reference = ""
    if amount:
        number = f"<CdtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></CdtrAcct>" if account else ""
        reference = f'<OrgnlTxRef><Amt><InstdAmt Ccy="NOK">{amount}</InstdAmt></Amt>{number}</OrgnlTxRef>'
    inside = f"{_tag('OrgnlEndToEndId', e2e)}{_tag('TxSts', status)}{_reasons(reason)}{reference}"
    return f"<TxInfAndSts>{inside}</TxInfAndSts>"


def block(id, status="", reason="", *transactions):
    """OrgnlPmtInfAndSts of pain.002."""
    inside = f"{_tag('OrgnlPmtInfId', id)}{_tag('PmtInfSts', status)}{_reasons(reason)}{''.join(transactions)}"
    return f"<OrgnlPmtInfAndSts>{inside}</OrgnlPmtInfAndSts>"


def pain002(tmp_path, msg_id, group="", *blocks, reason="", version="03", counted="", total=""):
    """A status report of the bank, as the reader tells it."""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><Document {P02.format(version=version)}><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>BANK{next(_numbers)}</MsgId><CreDtTm>2026-11-25T12:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{msg_id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{_tag('OrgnlNbOfTxs', counted)}{_tag('OrgnlCtrlSum', total)}"
        f"{_tag('GrpSts', group)}{_reasons(reason)}</OrgnlGrpInfAndSts>{''.join(blocks)}</CstmrPmtStsRpt></Document>"
    )
    return reading.survey(_file(tmp_path, text)).report


def central_report(tmp_path, msg_id, status, *payments, reason=""):
    """A VismaStatusReport of AutoPay central; payments are (end-to-end id, status, reason)."""
    code, _, words = reason.partition(" ")
    rows = "".join(
        f"<Payment><LineRef>{ref}</LineRef><Status>{said}</Status>{_tag('ReasonCode', why.partition(' ')[0])}"
        f"{_tag('ReasonText', why.partition(' ')[2])}</Payment>"
        for ref, said, why in payments
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><VismaStatusReport version="1"><Header>'
        f"<MessageId>CENTRAL{next(_numbers)}</MessageId><CreationDateTime>2026-11-25T12:00:00Z</CreationDateTime>"
        "<OrganisationNumber>900000001</OrganisationNumber></Header>"
        f"<Batch><BatchId>b1</BatchId><OriginalMessageId>{msg_id}</OriginalMessageId><Status>{status}</Status>"
        f"{_tag('ReasonCode', code)}{_tag('ReasonText', words)}{rows}</Batch></VismaStatusReport>"
    )
    return reading.survey(_file(tmp_path, text)).report


def details(e2e="", amount="", *, msg_id="", block_id="", charge="", instructed="", returned="", currency="NOK"):
    """TxDtls of camt.054.02 (no Amt there)."""
    refs = f"{_tag('MsgId', msg_id)}{_tag('PmtInfId', block_id)}{_tag('EndToEndId', e2e)}"
    amounts = ""
    if instructed:
        value, own = instructed.split()
        amounts += f'<InstdAmt><Amt Ccy="{own}">{value}</Amt></InstdAmt>'
    if amount:
        amounts += f'<TxAmt><Amt Ccy="{currency}">{amount}</Amt></TxAmt>'
    charges = f'<Chrgs><Amt Ccy="{currency}">{charge}</Amt></Chrgs>' if charge else ""
    back = f"<RtrInf><Rsn><Cd>{returned}</Cd></Rsn></RtrInf>" if returned else ""
    amounts = f"<AmtDtls>{amounts}</AmtDtls>" if amounts else ""
    return f"<TxDtls><Refs>{refs}</Refs>{amounts}{charges}{back}</TxDtls>"


def ntry(amount, *transactions, way="DBIT", currency="NOK", on="2026-11-25", status="BOOK", batch="", reversal=False):
    """Ntry of camt.054.02."""
    turned = "<RvslInd>true</RvslInd>" if reversal else ""
    inside = f"{batch}{''.join(transactions)}"
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{turned}<Sts>{status}</Sts>'
        f"<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>R{next(_numbers)}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls>{inside}</NtryDtls></Ntry>"
    )


def camt054(tmp_path, account, *entries, currency="NOK"):
    """The entries of a debit notification, as the reader tells them."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02">'
        f"<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N{next(_numbers)}</MsgId><CreDtTm>2026-11-25T12:00:00</CreDtTm></GrpHdr>"
        f"<Ntfctn><Id>N1</Id><CreDtTm>2026-11-25T12:00:00</CreDtTm><Acct><Id><Othr><Id>{account}</Id></Othr></Id>"
        f"<Ccy>{currency}</Ccy></Acct>{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )
    path = _file(tmp_path, text)
    survey = reading.survey(path)
    return [entry for _account, entry in reading.entries(path, survey)]
