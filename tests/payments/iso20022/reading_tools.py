"""What the reading tests share: our message files, and small camt files made on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from payments.iso20022.messages import Account, Detail, Entry, Refused, Survey
from payments.iso20022.reading import entries, survey

MESSAGES = Path(__file__).parents[2] / "messages"
KID = "00001234500000100011"


@dataclass
class Read:
    """A file read in both passes."""

    survey: Survey
    pairs: list[tuple[Account, Entry]]

    @property
    def entries(self) -> list[Entry]:
        return [entry for _, entry in self.pairs]

    @property
    def entry(self) -> Entry:
        (entry,) = self.entries
        return entry

    @property
    def detail(self) -> Detail:
        (detail,) = self.entry.details
        return detail

    @property
    def warnings(self) -> list[str]:
        return [warning.code for warning in self.survey.warnings]


def read(path: Path | str) -> Read:
    path = MESSAGES / path if isinstance(path, str) else path
    found = survey(path)
    return Read(found, list(entries(path, found)))


def read_text(folder: Path, text: str | bytes) -> Read:
    path = folder / "bank.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path)


def refused(folder: Path, text: str | bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read_text(folder, text)
    return caught.value


def an_entry(
    details: str = "",
    *,
    amount: str = "1000.00",
    currency: str = "NOK",
    way: str = "CRDT",
    status: str = "BOOK",
    before: str = "",
    dates: str = "<BookgDt><Dt>2026-11-20</Dt></BookgDt><ValDt><Dt>2026-11-20</Dt></ValDt>",
    reference: str = "<AcctSvcrRef>R1</AcctSvcrRef>",
    parts: str = "",
    after: str = "",
) -> str:
    inside = f"<NtryDtls>{details}</NtryDtls>" if details else ""
    return (
        f'<Ntry>{before}<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts>{status}</Sts>{dates}'
        f"{reference}<BkTxCd><Prtry><Cd>230</Cd></Prtry></BkTxCd>{parts}{inside}{after}</Ntry>"
    )


def a_detail(amount: str = "", *, currency: str = "NOK", refs: str = "", amounts: str = "", more: str = "") -> str:
    own = f'<TxAmt><Amt Ccy="{currency}">{amount}</Amt></TxAmt>' if amount else ""
    inside = f"<AmtDtls>{amounts}{own}</AmtDtls>" if own or amounts else ""
    return f"<TxDtls><Refs>{refs}</Refs>{inside}{more}</TxDtls>"


def camt054(*entries_: str, version: str = "02", head: str = "", account: str = "", summary: str = "") -> str:
    account = account or "<Id><Othr><Id>86011117947</Id></Othr></Id><Ccy>NOK</Ccy>"
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}"><BkToCstmrDbtCdtNtfctn>'
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-20T06:00:00</CreDtTm>{head}</GrpHdr>"
        f"<Ntfctn><Id>N1</Id><CreDtTm>2026-11-20T06:00:00</CreDtTm><Acct>{account}</Acct>{summary}"
        f"{''.join(entries_)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )


def camt053(*entries_: str, opening: str = "100.00", closing: str = "100.00", way: str = "CRDT") -> str:
    def balance(code: str, amount: str, way: str) -> str:
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="NOK">{amount}</Amt>'
            f"<CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>"
        )

    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-20T06:00:00</CreDtTm></GrpHdr>"
        "<Stmt><Id>S1</Id><CreDtTm>2026-11-20T06:00:00</CreDtTm>"
        "<Acct><Id><Othr><Id>86011117947</Id></Othr></Id><Ccy>NOK</Ccy></Acct>"
        f"{balance('OPBD', opening, 'CRDT')}{balance('CLBD', closing, way)}{''.join(entries_)}"
        "</Stmt></BkToCstmrStmt></Document>"
    )
