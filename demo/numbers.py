"""Numbers that pass their check digits: accounts, organisation numbers and references of people who do not exist."""

from __future__ import annotations

NO_ACCOUNT_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
NO_ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def luhn(body: str) -> str:
    """Body with its mod 10 check digit."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def mod11(body: str, weights: tuple[int, ...]) -> str | None:
    """Body with its mod 11 check digit; None where the digit would be 10."""
    digit = -sum(int(one) * weight for one, weight in zip(body, weights, strict=True)) % 11
    return None if digit == 10 else body + str(digit)


def norwegian_account(serial: int, register: str = "1503") -> str:
    """An eleven-digit account of a Norwegian bank."""
    while (account := mod11(f"{register}{serial:06}", NO_ACCOUNT_WEIGHTS)) is None:
        serial += 1000
    return account


def norwegian_organisation(serial: int) -> str:
    """A nine-digit Norwegian organisation number."""
    while (number := mod11(f"9{serial:07}", NO_ORGANISATION_WEIGHTS)) is None:
        serial += 1
    return number


def iban(country: str, bban: str) -> str:
    """BBAN with country and check digits (ISO 13616)."""
    digits = "".join(str(int(sign, 36)) for sign in f"{bban}{country}00")
    return f"{country}{98 - int(digits) % 97:02}{bban}"


def swedish_iban(serial: int) -> str:
    """An account at a Swedish bank as IBAN."""
    return iban("SE", "500" + f"{serial:017}")


def danish_account(serial: int) -> str:
    """Registration number and account, fourteen digits."""
    return f"3000{serial:010}"


def finnish_iban(serial: int) -> str:
    """A Finnish account as IBAN: bank and body, then a mod 10 digit."""
    return iban("FI", luhn(f"159030{serial:07}"))


def german_iban(serial: int) -> str:
    """A German account as IBAN."""
    return iban("DE", f"37040044{serial:010}")


def bankgiro(serial: int) -> str:
    """A Swedish bankgiro number with hyphen, as invoices print it."""
    number = luhn(f"{5050000 + serial:07}"[:7])
    return f"{number[:4]}-{number[4:]}"


def rf_reference(body: str) -> str:
    """A creditor reference by ISO 11649."""
    digits = "".join(str(int(sign, 36)) for sign in f"{body}RF00")
    return f"RF{98 - int(digits) % 97:02}{body}"


def kid(customer: int, invoice: int) -> str:
    """A KID by the guide's setting: invoice on 1-9, customer on 10-19, check digit on 20."""
    return luhn(f"{invoice:09}{customer:010}")
