"""Bank files of any size: camt.054.001.08 with customer payments by KID, or with debits of our own payments."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from autopay_console.kernel.sets import chunks

ACCOUNT = "86011117947"
NS = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
DETAILS_AN_ENTRY = 100  # of a debit: banks book a payment file in sums
HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NS}"><BkToCstmrDbtCdtNtfctn><GrpHdr>'
    "<MsgId>BENCH</MsgId><CreDtTm>2026-11-25T06:00:00+01:00</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id>"
    f"<Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id><Ccy>NOK</Ccy></Acct>\n"
)
ENTRY = """<Ntry><NtryRef>{number}</NtryRef>
<Amt Ccy="NOK">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-24</Dt></BookgDt><ValDt><Dt>2026-11-24</Dt></ValDt><AcctSvcrRef>AR{number:09d}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls>{details}</NtryDtls></Ntry>
"""
CREDIT = """<TxDtls><Refs><AcctSvcrRef>T{number:09d}</AcctSvcrRef><EndToEndId>E{number}</EndToEndId></Refs>
<Amt Ccy="NOK">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<RltdPties><Dbtr><Pty><Nm>Kunde {number} AS</Nm></Pty></Dbtr>
<DbtrAcct><Id><Othr><Id>12345678903</Id></Othr></Id></DbtrAcct></RltdPties>
<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>{kid}</Ref></CdtrRefInf>
</Strd></RmtInf></TxDtls>"""
DEBIT = """<TxDtls><Refs><AcctSvcrRef>T{number:09d}</AcctSvcrRef><EndToEndId>{e2e}</EndToEndId></Refs>
<Amt Ccy="NOK">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>"""
TAIL = "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n"


def write_credits(path: Path, paid: Iterable[tuple[str, Decimal]]) -> None:
    """One entry with one payer for each KID and amount."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number, (kid, amount) in enumerate(paid):
            detail = CREDIT.format(number=number, amount=amount, kid=kid)
            file.write(_entry(number, amount, "CRDT", "RCDT", "VCOM", detail))
        file.write(TAIL)


def write_debits(path: Path, debited: Iterable[tuple[str, Decimal]]) -> None:
    """Entries of a hundred debits each, by end-to-end id and amount."""
    number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for some in chunks(debited, DETAILS_AN_ENTRY):
            details = ""
            for e2e, amount in some:
                number += 1
                details += DEBIT.format(number=number, e2e=e2e, amount=amount)
            total = sum((amount for _e2e, amount in some), Decimal(0))
            file.write(_entry(number, total, "DBIT", "ICDT", "DMCT", details))
        file.write(TAIL)


def _entry(number: int, amount: Decimal, way: str, family: str, sub: str, details: str) -> str:
    return ENTRY.format(number=number, amount=amount, way=way, family=family, sub=sub, details=details)
