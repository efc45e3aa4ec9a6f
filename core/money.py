"""Money as integer minor units of an ISO 4217 currency. No Django, no floats, no rounding in the dark.

The exponents are a table of our own. Babel's `get_currency_precision` is CLDR data about what people write, and differs
from ISO 4217 for some currencies (IQD, LAK, RSD and others are 0 there), while card networks count ISO minor units.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

# Keeps unit price x quantity (at most a million) within a PostgreSQL bigint.
MAX_MINOR = 10**12

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
# Fund codes, metals and test codes are left out: nothing is sold in them.
# ANG, BGN and HRK are withdrawn but stand in order history.
_TWO_DECIMALS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD
KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}

_AMOUNT = re.compile(r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]{0,14})(?:\.(?P<fraction>[0-9]{1,9}))?")


class MoneyError(ValueError):
    """Base of everything that can be wrong with an amount."""


class InvalidAmount(MoneyError):
    """The text is not an amount of this currency. The message is fit for the person who sent it."""


class UnknownCurrency(InvalidAmount):
    def __init__(self, currency: str) -> None:
        super().__init__(f"{currency!r} is not an ISO 4217 currency that can be charged.")
        self.currency = currency


def exponent(currency: str) -> int:
    """How many decimals one major unit has: GBP 2, JPY 0, KWD 3."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


def split(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Share a total by weight so that the parts always add up to it (largest remainder, ties to the earlier part).

    A negative total mirrors the positive one. Weight 0 gets nothing, unless all weights are 0: then all are equal.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights cannot be negative")
    if not weights:
        if total_minor:
            raise ValueError("nothing to share the total among")
        return []
    if total_minor < 0:
        return [-part for part in split(-total_minor, weights)]
    shares = list(weights) if any(weights) else [1] * len(weights)
    whole = sum(shares)
    parts = [total_minor * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: -(total_minor * shares[i] % whole))
    for i in by_remainder[: total_minor - sum(parts)]:
        parts[i] += 1
    return parts


def parse_amount(text: str, currency: str) -> int:
    """Minor units of a decimal string with exactly the currency's decimals: "12.50" GBP, "1250" JPY."""
    decimals = exponent(currency)
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise InvalidAmount(f"Not an amount. Write it like {_example(currency)}.")
    fraction = match["fraction"] or ""
    if len(fraction) != decimals:
        raise InvalidAmount(f"{currency} amounts have {_count(decimals)}. Write it like {_example(currency)}.")
    minor = int(match["whole"] + fraction)
    if minor > MAX_MINOR:
        raise InvalidAmount(f"At most {amount_text(MAX_MINOR, currency)} {currency}.")
    return -minor if match["sign"] else minor


def to_decimal(minor: int, currency: str) -> Decimal:
    """Exact major units: 1250 GBP is Decimal("12.50")."""
    digits = tuple(int(digit) for digit in str(abs(minor)))
    return Decimal((int(minor < 0), digits, -exponent(currency)))


def amount_text(minor: int, currency: str) -> str:
    """The form that `parse_amount` reads and the API writes."""
    return format(to_decimal(minor, currency), "f")


def _count(decimals: int) -> str:
    return f"exactly {decimals} decimals" if decimals else "no decimals"


def _example(currency: str) -> str:
    return f'"{amount_text(12 * 10 ** exponent(currency), currency)}"'
