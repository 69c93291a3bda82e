"""SIE 4: how Swedish ledgers hand vouchers to one another (SIE Gruppen, file format 4 type 4I, code page 437).

A file for import (4I) holds #VER with #TRANS per posting; debit is positive. Only posted vouchers have a number,
so only those are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from autopay_console.kernel.sets import chunks
from companies.models import Company
from payments.models import Voucher

CODE_PAGE = "cp437"
_AT_ONCE = 500
_WHITE = str.maketrans({"\n": " ", "\r": " ", "\t": " "})


def export(company: Company, vouchers: Iterable[Voucher], names: Mapping[str, str], today: date) -> Iterator[bytes]:
    """The file, piece by piece. `vouchers` come with their postings; accounts are named when the company knows them."""
    head = [
        "#FLAGGA 0",
        '#PROGRAM "AutoPay Console" 1',
        "#FORMAT PC8",
        f"#GEN {today:%Y%m%d}",
        "#SIETYP 4",
        f"#ORGNR {_organisation(company.organisation_no)}",
        f"#FNAMN {_text(company.name)}",
        f"#VALUTA {company.currency_id}",
        *(f"#KONTO {_account(number)} {_text(name)}" for number, name in sorted(names.items()) if number),
    ]
    yield _bytes(head)
    for part in chunks(vouchers, _AT_ONCE):
        yield _bytes(line for voucher in part for line in _voucher(voucher))


def _voucher(voucher: Voucher) -> Iterator[str]:
    yield f"#VER {_text(voucher.series)} {voucher.number} {voucher.value_date:%Y%m%d} {_text(voucher.text)}"
    yield "{"
    for posting in voucher.postings.all():
        amount = posting.debit - posting.credit
        text = _text(posting.text or posting.cross_reference)
        yield f"   #TRANS {_account(posting.account)} {{}} {amount:.2f} {voucher.value_date:%Y%m%d} {text}"
    yield "}"


def _organisation(number: str) -> str:
    return f"{number[:6]}-{number[6:]}" if len(number) == 10 and number.isdigit() else number


def _account(number: str) -> str:
    """An account as it is, in quotes where somebody typed more than figures and letters."""
    return number if number.isalnum() else _text(number)


def _text(value: str) -> str:
    escaped = value.translate(_WHITE).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _bytes(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode(CODE_PAGE, errors="replace")
