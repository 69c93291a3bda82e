"""Bank files made on the spot, and companies whose accounts they speak of."""

from __future__ import annotations

import itertools
from decimal import Decimal
from pathlib import Path

from payments.bank_files import importing
from payments.choices import FileState
from tests import build

MESSAGES = Path(__file__).parents[2] / "messages"
ACCOUNT = "86011117947"
_numbers = itertools.count(1)


def a_receiving_company(account=ACCOUNT, *, auto=True, agreement=None, **facts):
    """A company with one account, its agreement and its KID definition (guide: 10;1, lengths 10 and 9)."""
    company = build.a_company(**facts)
    partner = build.a_bank_partner(company, account=account, auto_update_incoming=auto)
    build.an_agreement(partner, **(agreement or {}))
    build.a_factoring_company(company, partner)
    return company


def a_customer(company, number=10001, **facts):
    return build.a_customer(company, number=number, **facts)


def an_invoice(company, amount="1012.50", number="12345", customer=10001, **facts):
    """Invoice 12345 of customer 10001, with the KID 00001234500000100011, unless told otherwise."""
    owner = company.customers.filter(number=customer).first() or a_customer(company, customer)
    return build.a_customer_entry(owner, amount, invoice_no=number, **facts)


def load(company, content, name="bank.xml"):
    """Receive a file and import it to the end."""
    if isinstance(content, Path):
        name = content.name
    file = importing.receive(company, content.encode() if isinstance(content, str) else content, name)
    for _ in range(50):
        if importing.import_file(file.pk):
            break
    file.refresh_from_db()
    return file


def loaded(company, content, name="bank.xml"):
    """As `load`, for a file that must be imported."""
    file = load(company, content, name)
    assert file.state == FileState.IMPORTED, file.error
    return file


def a_payment(
    amount="1012.50",
    *,
    kid="",
    text="",
    payer="Nordlys Kafé AS",
    account="12345678903",
    ref="",
    e2e="",
    docs="",
    more="",
):
    """One TxDtls of a credit. `docs` are Strd elements written out."""
    strd = f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>{kid}</Ref></CdtrRefInf></Strd>"
    remittance = f"<Ustrd>{text}</Ustrd>" if text else ""
    remittance += docs + (strd if kid else "")
    debtor = f"<Dbtr><Nm>{payer}</Nm></Dbtr>" if payer else ""
    debtor += f"<DbtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></DbtrAcct>" if account else ""
    references = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    references += f"<EndToEndId>{e2e}</EndToEndId>" if e2e else ""
    return (
        f'<TxDtls><Refs>{references}</Refs><AmtDtls><TxAmt><Amt Ccy="NOK">{amount}</Amt></TxAmt></AmtDtls>'
        f"<RltdPties>{debtor}</RltdPties>{f'<RmtInf>{remittance}</RmtInf>' if remittance else ''}{more}</TxDtls>"
    )


def a_document(number, amount=None, kind="CINV"):
    """Strd with a referred document and its share."""
    name = "CdtNoteAmt" if kind == "CREN" else "RmtdAmt"
    share = f'<RfrdDocAmt><{name} Ccy="NOK">{amount}</{name}></RfrdDocAmt>' if amount else ""
    return (
        f"<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Nb>{number}</Nb></RfrdDocInf>{share}</Strd>"
    )


def a_credit(*payments, amount=None, ref=None, day="2026-11-24", status="BOOK", way="CRDT", code="230", more=""):
    """One Ntry that holds these payments; its amount is theirs unless given."""
    reference = f"E{next(_numbers)}" if ref is None else ref
    total = amount or sum(Decimal(one.split('Ccy="NOK">')[1].split("<")[0]) for one in payments)
    details = f"<NtryDtls>{''.join(payments)}</NtryDtls>" if payments else ""
    reference = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    domain, _, rest = code.partition("/")
    family, _, sub = rest.partition("/")
    coded = (
        f"<Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn>"
        if rest
        else f"<Prtry><Cd>{code}</Cd></Prtry>"
    )
    return (
        f'<Ntry><Amt Ccy="NOK">{total}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>{reference}"
        f"<BkTxCd>{coded}</BkTxCd>{more}{details}</Ntry>"
    )


def camt054(*entries, message=None, notification=None, copy="", account=ACCOUNT, created="2026-11-24T06:00:00"):
    """A camt.054.001.02 with these entries."""
    number = next(_numbers)
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"><BkToCstmrDbtCdtNtfctn>'
        f"<GrpHdr><MsgId>{message or f'M{number}'}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>"
        f"<Ntfctn><Id>{notification or f'N{number}'}</Id><CreDtTm>{created}</CreDtTm>"
        f"{f'<CpyDplctInd>{copy}</CpyDplctInd>' if copy else ''}"
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>NOK</Ccy></Acct>"
        f"{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )


def camt053(
    *entries, opening="0.00", closing=None, day="2026-11-24", statement=None, message=None, page="", account=ACCOUNT
):
    """A camt.053.001.02 of one day; `page` like (2, True)."""
    number = next(_numbers)
    last = not page or page[1]
    pages = f"<MsgPgntn><PgNb>{page[0]}</PgNb><LastPgInd>{str(page[1]).lower()}</LastPgInd></MsgPgntn>" if page else ""

    def balance(code, amount):
        way = "DBIT" if amount.startswith("-") else "CRDT"
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="NOK">{amount.lstrip("-")}</Amt>'
            f"<CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        )

    balances = balance("OPBD", opening) if opening is not None and (not page or page[0] == 1) else ""
    balances += balance("CLBD", closing) if closing is not None and last else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>{message or f'S{number}'}</MsgId><CreDtTm>{day}T23:00:00</CreDtTm>{pages}</GrpHdr>"
        f"<Stmt><Id>{statement or f'ST{number}'}</Id><CreDtTm>{day}T23:00:00</CreDtTm>"
        f"<FrToDt><FrDtTm>{day}T00:00:00</FrDtTm><ToDtTm>{day}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>NOK</Ccy></Acct>"
        f"{balances}{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )
