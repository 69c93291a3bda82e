"""Codes and charges are decided once for all payees on the same road."""

from payments.iso20022.order_kinds import PaymentType, ReferenceKind, Scheme
from payments.iso20022.orders import Profile, Reference
from payments.preparing.roads import Road, Roads
from tests.payments.iso20022.order_builders import DANISH, FJORDVIK


def road(**facts):
    usual = {"number": "", "reference": None, "currency": "NOK", "fee_code": 0, "urgent": False, "payroll": False}
    return Road(**{"country": "NO", "scheme": Scheme.BBAN, **usual, **facts})


def test_payees_on_one_road_share_their_terms():
    roads = Roads(FJORDVIK, Profile())
    assert roads.decision(road()).terms is roads.decision(road()).terms


def test_equal_terms_are_one_object_whatever_led_to_them():
    roads = Roads(FJORDVIK, Profile())
    assert roads.decision(road()).terms is roads.decision(road(fee_code=2)).terms


def test_an_urgent_payment_takes_a_road_of_its_own():
    roads = Roads(FJORDVIK, Profile())
    assert roads.decision(road()).terms.payment_type is PaymentType.NO_ACCOUNT
    assert roads.decision(road(urgent=True)).terms.payment_type is PaymentType.NO_EXPRESS


def test_a_danish_card_decides_with_its_kind():
    roads = Roads(DANISH, Profile())
    danish = {"country": "DK", "scheme": Scheme.OCR, "currency": "DKK", "number": "1234567"}
    fik = road(**danish, reference=Reference("71/000000000000018", ReferenceKind.FIK))
    assert roads.decision(fik).terms.payment_type is PaymentType.DK_FIK
    assert roads.decision(road(**danish)).terms.payment_type is PaymentType.DK_GIRO
