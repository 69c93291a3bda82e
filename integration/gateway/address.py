"""The gateway's address: http://[ServerAddress]:[Port]/OPGatewayService/, and what people write instead."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from companies.problems import Problem, gettext_noop, stop, warning

SERVICE_PATH = "/OPGatewayService/"
DEFAULT_PORTS = {"http": 80, "https": 443}


def check(address: str) -> list[Problem]:
    """What is wrong with an address; a warning only for an IP address, which works but is not recommended."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return [stop("gateway_address", gettext_noop("“%(address)s” is no address."), address=address)]
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        text = gettext_noop("Write the gateway address as http://[ServerAddress]:[Port]/OPGatewayService/.")
        return [stop("gateway_address", text)]
    found: list[Problem] = []
    if parts.username or parts.password or parts.query or parts.fragment:
        text = gettext_noop("The gateway address holds only server, port and path; user and password have own fields.")
        found.append(stop("gateway_address_extra", text))
    if parts.path.rstrip("/") + "/" != SERVICE_PATH:
        text = gettext_noop("The path is %(path)s; a gateway's is /OPGatewayService/.")
        found.append(stop("gateway_path", text, path=parts.path or "/"))
    if port is None:
        found.append(warning("gateway_port", gettext_noop("No port is given; the standard port is used.")))
    if _is_ip(parts.hostname):
        text = gettext_noop("%(host)s is an IP address. A server name is recommended: it survives a move.")
        found.append(warning("gateway_ip", text, host=parts.hostname))
    return found


def is_this_machine(address: str) -> bool:
    """The address names the machine itself, so that a gateway for local callers only would answer."""
    host = (urlsplit(address.strip()).hostname or "").lower()
    if not _is_ip(host):
        return host == "localhost"
    return ipaddress.ip_address(host).is_loopback


def base(address: str) -> str:
    """The address with exactly one slash at its end."""
    return address.strip().rstrip("/") + "/"


def authority(url: str) -> str:
    """Host and port as signed: lower case, no port when it is the scheme's own."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    return host if port in (None, DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
