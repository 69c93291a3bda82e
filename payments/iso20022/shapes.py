"""Which elements the standard allows inside which, in which order: the source of the reader's dialect
warnings.

No schema is loaded when a file is read. Instead the row of children of each element we read is compared with
these short tables, and each row is looked at once: the hundred thousand entries of a file have a handful of
shapes. `*` may stand many times, `!` is demanded, `@4` came with version .04, `!4` is demanded in .04 to .07
only.
"""

from __future__ import annotations

import re

from lxml import etree

from payments.iso20022.notes import Notes
from payments.iso20022.xml import LOCAL, line_of

_STATEMENT = "ElctrncSeqNb RptgSeq@8 LglSeqNb CreDtTm FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst*"
_ORIGINAL = "StsRsnInf* NbOfTxsPerSts*"
CAMT = {
    "Rpt": f"Id! RptPgntn@4 {_STATEMENT} Bal* TxsSummry Ntry* AddtlRptInf",
    "Stmt": f"Id! StmtPgntn@4 {_STATEMENT} Bal*! TxsSummry Ntry* AddtlStmtInf",
    "Ntfctn": f"Id! NtfctnPgntn@4 {_STATEMENT} TxsSummry Ntry* AddtlNtfctnInf",
    "GrpHdr": "MsgId! CreDtTm! MsgRcpt MsgPgntn OrgnlBizQry@4 AddtlInf",
    "Acct": "Id! Tp Ccy Nm Prxy@8 Ownr Svcr",
    "Bal": "Tp! CdtLine* Amt! CdtDbtInd! Dt! Avlbty*",
    "Ntry": "NtryRef Amt! CdtDbtInd! RvslInd Sts! BookgDt ValDt AcctSvcrRef Avlbty* BkTxCd! ComssnWvrInd"
    " AddtlInfInd AmtDtls Chrgs* TechInptChanl Intrst* CardTx@4 NtryDtls* AddtlNtryInf",
    "NtryDtls": "Btch TxDtls*",
    "Btch": "MsgId PmtInfId NbOfTxs TtlAmt CdtDbtInd",
    "TxDtls": "Refs Amt@4!4 CdtDbtInd@4!4 AmtDtls Avlbty* BkTxCd Chrgs* Intrst* RltdPties RltdAgts"
    " LclInstrm@8 Purp RltdRmtInf* RmtInf RltdDts RltdPric RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct"
    " CshDpst*@4 CardTx@4 AddtlTxInf SplmtryData*@4",
    "Refs": "MsgId AcctSvcrRef PmtInfId InstrId EndToEndId UETR@8 TxId MndtId ChqNb ClrSysRef AcctOwnrTxId@4"
    " AcctSvcrTxId@4 MktInfrstrctrTxId@4 PrcgId@4 Prtry*",
    "AmtDtls": "InstdAmt TxAmt CntrValAmt AnncdPstngAmt PrtryAmt*",
    "RltdPties": "InitgPty Dbtr DbtrAcct UltmtDbtr Cdtr CdtrAcct UltmtCdtr TradgPty Prtry*",
    "RltdAgts": "InstgAgt@8 InstdAgt@8 DbtrAgt CdtrAgt IntrmyAgt1 IntrmyAgt2 IntrmyAgt3 RcvgAgt DlvrgAgt"
    " IssgAgt SttlmPlc Prtry*",
    "RmtInf": "Ustrd* Strd*",
    "Strd": "RfrdDocInf* RfrdDocAmt CdtrRefInf Invcr Invcee TaxRmt@8 GrnshmtRmt@8 AddtlRmtInf*",
    "RtrInf": "OrgnlBkTxCd Orgtr Rsn AddtlInf*",
    "Rcrd": "Amt! CdtDbtInd ChrgInclInd Tp Rate Br Agt Tax",
    "CcyXchg": "SrcCcy! TrgtCcy UnitCcy XchgRate! CtrctId QtnDt",
}
STATUS = {
    "GrpHdr": "MsgId! CreDtTm! InitgPty FwdgAgt DbtrAgt CdtrAgt",
    "OrgnlGrpInfAndSts": f"OrgnlMsgId! OrgnlMsgNmId! OrgnlCreDtTm OrgnlNbOfTxs OrgnlCtrlSum GrpSts {_ORIGINAL}",
    "OrgnlPmtInfAndSts": f"OrgnlPmtInfId! OrgnlNbOfTxs OrgnlCtrlSum PmtInfSts {_ORIGINAL} TxInfAndSts*",
    "TxInfAndSts": "StsId OrgnlInstrId OrgnlEndToEndId OrgnlUETR@4 TxSts StsRsnInf* ChrgsInf* TrckrData@4"
    " AccptncDtTm AcctSvcrRef ClrSysRef OrgnlTxRef SplmtryData*@4",
    "StsRsnInf": "Orgtr Rsn AddtlInf*",
}
_TOLD = {
    "RmtInf": "Ustrd* Strd*",
    "Strd": "RfrdDocInf* RfrdDocAmt CdtrRefInf Invcr Invcee TaxRmt@4 GrnshmtRmt@4 AddtlRmtInf*",
}
ORDER = {
    "GrpHdr": "MsgId! CreDtTm! Authstn* NbOfTxs! CtrlSum InitgPty! FwdgAgt",
    "PmtInf": "PmtInfId! PmtMtd! BtchBookg NbOfTxs CtrlSum PmtTpInf ReqdExctnDt! PoolgAdjstmntDt Dbtr!"
    " DbtrAcct! DbtrAgt! DbtrAgtAcct InstrForDbtrAgt@9 UltmtDbtr ChrgBr ChrgsAcct ChrgsAcctAgt CdtTrfTxInf*!",
}
_ITEM = re.compile(r"(\w+?)(\*?)(!?)(?:@(\d+))?(?:!(\d+))?").fullmatch


class _Table:
    """One parent's children: place in the order, demanded, repeatable, version they came with."""

    def __init__(self, spec: str) -> None:
        self.place: dict[str, int] = {}
        self.demanded: dict[str, range] = {}
        self.many: set[str] = set()
        self.since: dict[str, int] = {}
        for place, item in enumerate(spec.split()):
            found = _ITEM(item)
            if found is None:
                raise ValueError(item)
            name, many, demanded, since, only = found.groups()
            self.place[name] = place
            self.since[name] = int(since or 0)
            if many:
                self.many.add(name)
            if demanded or only:
                self.demanded[name] = range(int(only), 8) if only else range(100)


_TABLES = {
    family: {name: _Table(spec) for name, spec in tables.items()}
    for family, tables in (("camt", CAMT), ("pain.002", STATUS | _TOLD), ("pain.001", ORDER | _TOLD))
}


class Shapes:
    """Remembers the rows of children already looked at in this file; a known row costs one look-up."""

    def __init__(self, family: str, version: int, notes: Notes) -> None:
        self._tables = _TABLES[family]
        self._version = version
        self._notes = notes
        self._known: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}

    def look(self, parent: str, element: etree._Element, names: list[str] | None = None) -> None:
        """Warn of children that are unknown, out of order, missing or of another version."""
        row = (parent, *(names if names is not None else [LOCAL[inner.tag] for inner in element]))
        found = self._known.get(row)
        if found is None:
            found = self._compare(row)
            if len(self._known) < 2000:
                self._known[row] = found
        for code, name in found:
            self._notes.note(code, line_of(element), element=name, parent=parent)

    def _compare(self, row: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        parent, *children = row
        table = self._tables[parent]
        found: list[tuple[str, str]] = []
        seen: set[str] = set()
        last = -1
        for name in children:
            place = table.place.get(name)
            if place is None:
                found.append(("unknown_element", name))
                continue
            if place < last:
                found.append(("element_order", name))
            last = max(last, place)
            if name in seen and name not in table.many:
                found.append(("element_repeated", name))
            seen.add(name)
            if 0 < self._version < table.since[name]:
                found.append(("other_version", name))
        for name, versions in table.demanded.items():
            if name not in seen and (self._version in versions or len(versions) == 100):
                found.append(("element_missing", name))
        return tuple(dict.fromkeys(found))


class Unwatched(Shapes):
    """For the second pass: what is odd was said in the first, nobody reads the warnings again."""

    def look(self, parent: str, element: etree._Element, names: list[str] | None = None) -> None:
        """Look away."""
