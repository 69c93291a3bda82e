"""How fast a bank file is read: `python -m bench.reading [entries]` (100 000 by default).

Writes a camt.054.001.08 of that many credits with KID into a temporary folder, reads it with both passes and, for
comparison, with a bare lxml iterparse that fetches the same fields as texts. Prints seconds, entries a second, the
ratio to the bare parse and the highest memory.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from payments.iso20022.reading import entries, survey

NS = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NS}"><BkToCstmrDbtCdtNtfctn><GrpHdr>'
    "<MsgId>BENCH</MsgId><CreDtTm>2026-11-20T06:00:00+01:00</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id>"
    "<Acct><Id><Othr><Id>86011117947</Id></Othr></Id><Ccy>NOK</Ccy></Acct>\n"
)
ENTRY = """<Ntry><NtryRef>{number}</NtryRef>
<Amt Ccy="NOK">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-20</Dt></BookgDt><ValDt><Dt>2026-11-20</Dt></ValDt><AcctSvcrRef>AR{number:09d}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>VCOM</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><AcctSvcrRef>T{number:09d}</AcctSvcrRef><EndToEndId>E{number}</EndToEndId></Refs>
<Amt Ccy="NOK">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<RltdPties><Dbtr><Pty><Nm>Kunde {number} AS</Nm></Pty></Dbtr>
<DbtrAcct><Id><Othr><Id>12345678903</Id></Othr></Id></DbtrAcct></RltdPties>
<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>00001234500000100011</Ref></CdtrRefInf>
</Strd></RmtInf></TxDtls></NtryDtls></Ntry>
"""
TAIL = "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n"
ENTRY_FIELDS = (
    "NtryRef Amt CdtDbtInd Sts/Cd BookgDt/Dt ValDt/Dt AcctSvcrRef BkTxCd/Domn/Cd BkTxCd/Domn/Fmly/Cd"
    " BkTxCd/Domn/Fmly/SubFmlyCd"
)
DETAIL_FIELDS = (
    "Refs/AcctSvcrRef Refs/EndToEndId Amt CdtDbtInd RltdPties/Dbtr/Pty/Nm RltdPties/DbtrAcct/Id/Othr/Id"
    " RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Cd RmtInf/Strd/CdtrRefInf/Ref"
)


def write(path: Path, count: int) -> None:
    """A file of `count` entries, each with one detail."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number in range(count):
            file.write(ENTRY.format(number=number, amount=f"{1000 + number % 9000}.{number % 100:02d}"))
        file.write(TAIL)


def paths(fields: str) -> list[str]:
    """Local paths with the namespace in front of every step."""
    return ["/".join(f"{{{NS}}}{step}" for step in field.split("/")) for field in fields.split()]


def bare(path: Path) -> int:
    """The same fields as texts: no amounts, dates, checks, warnings or records."""
    of_entry, of_detail, details = paths(ENTRY_FIELDS), paths(DETAIL_FIELDS), paths("NtryDtls/TxDtls")[0]
    count = 0
    for _, element in etree.iterparse(str(path), events=("end",), tag=f"{{{NS}}}Ntry"):
        [element.findtext(field) for field in of_entry]
        for detail in element.iterfind(details):
            [detail.findtext(field) for field in of_detail]
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def timed(work: Callable[[], object]) -> float:
    """Seconds a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.xml"
        write(path, count)
        found = survey(path)
        first = timed(lambda: survey(path))
        second = timed(lambda: sum(1 for _ in entries(path, found)))
        reference = timed(lambda: bare(path))
        size = path.stat().st_size / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} entries, {size:.1f} MB")
    for name, seconds in (("survey", first), ("entries", second), ("bare iterparse", reference)):
        print(f"{name:>15}: {seconds:6.2f} s  {count / seconds:9.0f} entries/s  {seconds / reference:5.2f} x bare")
    print(f"{'memory':>15}: {memory:6.0f} MB at most")


if __name__ == "__main__":
    main()
