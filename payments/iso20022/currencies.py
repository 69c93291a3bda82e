"""How many decimals each currency has (ISO 4217): the reader refuses more, the writer never writes more."""

from __future__ import annotations

from decimal import Decimal

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD
MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL
"""

DECIMALS: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
UNKNOWN_DECIMALS = 4  # what the books can hold; a currency not listed is read with a warning

_QUANTA = {currency: Decimal(1).scaleb(-decimals) for currency, decimals in DECIMALS.items()}


def decimals_of(currency: str) -> int:
    """Decimals of a currency; four for one that is not listed."""
    return DECIMALS.get(currency, UNKNOWN_DECIMALS)


def quantum(currency: str) -> Decimal:
    """The smallest step of a currency, e.g. 0.01 for NOK and 1 for JPY."""
    return _QUANTA.get(currency) or Decimal(1).scaleb(-UNKNOWN_DECIMALS)


def written(amount: Decimal, currency: str) -> str:
    """An amount as text with the currency's decimals (`1012.50`, `1500` for JPY), never in exponent form."""
    step = quantum(currency)
    return f"{amount.quantize(step) if amount == amount.quantize(step) else amount:f}"
