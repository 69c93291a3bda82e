"""What people write as the gateway's address."""

import pytest

from integration.gateway import address


def test_the_guides_address_is_good():
    assert address.check("http://appserver:8090/OPGatewayService/") == []


def test_an_ip_address_is_only_warned_about():
    [finding] = address.check("http://10.20.4.11:8080/OPGatewayService/")
    assert finding.code == "gateway_ip"
    assert not finding.stops


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("appserver", "gateway_address"),
        ("ftp://appserver:21/OPGatewayService/", "gateway_address"),
        ("http://appserver:port/OPGatewayService/", "gateway_address"),
        ("http://appserver:8090/", "gateway_path"),
        ("http://appserver:8090/OPGatewayService/OPGatewayService/", "gateway_path"),
        ("http://user:secret@appserver:8090/OPGatewayService/", "gateway_address_extra"),
    ],
)
def test_a_wrong_address_is_told(text, code):
    assert code in [finding.code for finding in address.check(text) if finding.stops]


def test_a_finding_never_repeats_a_password():
    findings = address.check("http://user:secret@appserver:8090/wrong/")
    assert not any("secret" in finding.text for finding in findings)


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("http://AppServer:8090/x", "appserver:8090"),
        ("http://appserver:80/x", "appserver"),
        ("https://appserver:443/x", "appserver"),
        ("https://appserver:80/x", "appserver:80"),
        ("http://[::1]:8090/x", "[::1]:8090"),
    ],
)
def test_the_authority_is_signed_as_it_is_sent(url, signed):
    assert address.authority(url) == signed
