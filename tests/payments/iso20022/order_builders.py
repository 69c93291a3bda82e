"""Orders to write, in the words of the trade."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from lxml import etree

from payments.iso20022 import grouping, pain001
from payments.iso20022.order_kinds import ReferenceKind, Scheme
from payments.iso20022.orders import (
    Account,
    Address,
    Agent,
    Creditor,
    Debtor,
    Document,
    FileOrder,
    Item,
    PartyId,
    Profile,
    Reference,
)
from payments.iso20022.payment_types import Urgency, Wish, decide
from payments.iso20022.schema import schema_errors

OLD = "001.001.03"
WEDNESDAY = date(2026, 11, 25)
KID = Reference("00001234500000100011", ReferenceKind.KID)
OSLO = Address(street="Storgata", building="5", post_code="0155", town="Oslo", country="NO")
FJORDVIK = Debtor(
    "Fjordvik Handel AS",
    Account("86011117947", Scheme.BBAN),
    "DNBANOKK",
    "NOK",
    "NO",
    OSLO,
    (PartyId("999999999", "CUST"), PartyId("DIV0001", "BANK")),
)
SWEDISH = Debtor(
    "Fjordvik Handel AB",
    Account("SE4550000000058398257466"),
    "SWEDSESS",
    "SEK",
    "SE",
    Address(town="Stockholm", country="SE"),
    (PartyId("5560000000", "BANK"),),
    bankgiro="50501055",
)
DANISH = Debtor("Fjordvik Handel ApS", Account("00400440116243", Scheme.BBAN), "DABADKKK", "DKK", "DK")
FINNISH = Debtor("Fjordvik Oy", Account("FI2112345600000785"), "NDEAFIHH", "EUR", "FI")
NORWEGIAN_PAYEE = Creditor("Kontorrekvisita AS", Account("12345678903", Scheme.BBAN), "NO")
BANKGIRO_PAYEE = Creditor(
    "Kontorsmaterial AB", Account("9912346", Scheme.BGNR), "SE", Address(town="Malmö", country="SE")
)
GERMAN_PAYEE = Creditor("Muster GmbH", Account("DE89370400440532013000"), "DE", Address(town="Berlin", country="DE"))
US_BANK = Agent(
    clearing_system="USABA",
    clearing_member="021000021",
    name="First Example Bank",
    address=Address(town="New York", subdivision="NY", country="US"),
)
US_PAYEE = Creditor(
    "Acme Supplies Inc",
    Account("000123456789", Scheme.BBAN),
    "US",
    Address(
        street="Main Street",
        building="100",
        post_code="10001",
        town="New York",
        subdivision="NY",
        country="US",
    ),
    US_BANK,
)
_WISHES = ("fee_code", "urgency", "category_purpose", "us_ach")


def an_item(amount="1012.50", currency="NOK", debtor=FJORDVIK, creditor=NORWEGIAN_PAYEE, **facts):
    """One item with the terms its facts lead to."""
    profile = facts.pop("profile", Profile())
    wishes = {name: facts.pop(name) for name in _WISHES if name in facts}
    wish = Wish(debtor, creditor, currency, facts.get("reference"), **wishes)
    terms = decide(wish, profile).terms
    facts = {"end_to_end_id": "1-2045-1", "execution_date": WEDNESDAY} | facts
    return Item(amount=Decimal(amount), currency=currency, debtor=debtor, creditor=creditor, terms=terms, **facts)


def an_order(*items, profile=None, msg_id="AP1-20261122-000017"):
    """A file of these items, grouped."""
    profile = profile or Profile()
    arranged = grouping.arranged(items)
    return FileOrder(
        msg_id,
        datetime(2026, 11, 22, 10, 15, tzinfo=UTC),
        "Fjordvik Handel AS",
        (PartyId("999999999", "CUST"),),
        profile,
        tuple(grouping.blocks(arranged, profile, "C1-B2045")),
        arranged,
    )


def written(tmp_path, *items, profile=None):
    """The file of these items as a tree without namespaces; it must satisfy the official schema."""
    order = an_order(*items, profile=profile)
    path = tmp_path / "order.xml"
    pain001.write(order, path)
    assert schema_errors(path, order.profile.version) == []
    tree = etree.parse(str(path)).getroot()
    for element in tree.iter():
        element.tag = etree.QName(element).localname
    return tree


def text(tree, path):
    """The texts at a path, one string when there is one."""
    found = [element.text for element in tree.findall(f".//{path}")]
    return found[0] if len(found) == 1 else found


__all__ = ["Document", "Urgency", "an_item", "an_order", "replace", "text", "written"]
