"""Floors: the least any program in Python must do for the same work, by the same parser and the same database layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.db.models import Model
from lxml import etree

from autopay_console.kernel.sets import chunks
from bench.bank_files import NS
from bench.measure import Meter
from bench.place import PRODUCT

_SLICE = 1_000
ENTRY_FIELDS = "NtryRef CdtDbtInd Sts/Cd AcctSvcrRef BkTxCd/Domn/Cd BkTxCd/Domn/Fmly/Cd BkTxCd/Domn/Fmly/SubFmlyCd"
DETAIL_FIELDS = (
    "Refs/AcctSvcrRef Refs/EndToEndId CdtDbtInd RltdPties/Dbtr/Pty/Nm RltdPties/DbtrAcct/Id/Othr/Id"
    " RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Cd RmtInf/Strd/CdtrRefInf/Ref"
)


def _paths(fields: str) -> list[str]:
    return ["/".join(f"{{{NS}}}{step}" for step in field.split("/")) for field in fields.split()]


def bare_read(path: Path) -> int:
    """One pass that proves the file well-formed, one that fetches the same fields with Decimal and dates."""
    for _event, element in etree.iterparse(str(path), events=("end",), tag=f"{{{NS}}}Ntry"):
        _forget(element)
    of_entry, of_detail = _paths(ENTRY_FIELDS), _paths(DETAIL_FIELDS)
    details, amount, booked, value = _paths("NtryDtls/TxDtls Amt BookgDt/Dt ValDt/Dt")
    count = 0
    for _event, entry in etree.iterparse(str(path), events=("end",), tag=f"{{{NS}}}Ntry"):
        [entry.findtext(field) for field in of_entry]
        Decimal(entry.findtext(amount) or "0")
        date.fromisoformat(entry.findtext(booked) or "")
        date.fromisoformat(entry.findtext(value) or "")
        for detail in entry.iterfind(details):
            [detail.findtext(field) for field in of_detail]
            Decimal(detail.findtext(amount) or "0")
            count += 1
        _forget(entry)
    return count


def _forget(element: etree._Element) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def insert_same_rows(
    meter: Meter, models: Sequence[type[Model]], only: Mapping[type[Model], Mapping[str, object]] | None = None
) -> int:
    """Insert the rows the measured job left in these tables, a thousand at a time.

    The tables were empty before it, or `only` says how its rows are known. Fetching them is not counted; making the
    objects and `bulk_create` is.
    """
    count = 0
    for model in models:
        made = model._default_manager.using(PRODUCT).filter(**(only or {}).get(model, {}))
        source = iter(chunks(made.order_by("pk").values().iterator(_SLICE), _SLICE))
        while rows := _fetched(meter, source):
            count += len(rows)
            with transaction.atomic():
                model._default_manager.using("default").bulk_create([model(**row) for row in rows], batch_size=_SLICE)
    return count


def _fetched(meter: Meter, source: Iterable[list[dict[str, object]]]) -> list[dict[str, object]]:
    with meter.paused():
        return next(iter(source), [])
