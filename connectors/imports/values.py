"""Texts of a file to values: amounts, counts, times, truth values, lists, countries. Each refuses with what to do."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale

from connectors.imports.profile import Profile
from core.money import EXPONENTS, MAX_MINOR, to_decimal

MAX_QUANTITY = 1_000_000
MAX_VERSION = 2**63 - 1
_CACHE = 20_000
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,10})?")
_GROUPS = {
    ".": re.compile(r"-?\d{1,3}([,'\u2019 \u00a0\u202f])\d{3}(?:\1\d{3}){0,3}(\.\d{1,10})?"),
    ",": re.compile(r"-?\d{1,3}([.'\u2019 \u00a0\u202f])\d{3}(?:\1\d{3}){0,3}(,\d{1,10})?"),
}
_DECIMAL_COMMA = re.compile(r"-?\d{1,15}(,\d{1,10})?")
_TRUE = {"true", "yes", "y", "1", "t"}
_FALSE = {"false", "no", "n", "0", "f"}
_COUNTRY_NAMES = {
    "eire": "IE",
    "rsa": "ZA",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "usa": "US",
    "united states of america": "US",
    "channel islands": "JE",
    "czech republic": "CZ",
    "hong kong": "HK",
    "korea": "KR",
    "the netherlands": "NL",
    "turkey": "TR",
}


class BadValue(Exception):
    """A cell that cannot be read. The message is for the person who has the file."""

    def __init__(self, message: str, code: str = "bad_value") -> None:
        self.message, self.code = message, code
        super().__init__(message)


def shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


class Amount(NamedTuple):
    stated: Decimal
    minor: int
    rest: Decimal
    """What rounding to minor units leaves out."""


NO_AMOUNT = Amount(Decimal(0), 0, Decimal(0))


class Values:
    """Reads as the profile says. What comes often is read once."""

    def __init__(self, profile: Profile, zone_default: str) -> None:
        self._decimal = profile.decimal
        self._formats = profile.date_formats
        self._zone = ZoneInfo(profile.time_zone or zone_default)
        self.number: Callable[[str], Decimal] = lru_cache(_CACHE)(self._number)
        self.whole: Callable[[str], int] = lru_cache(_CACHE)(self._whole)
        self.moment: Callable[[str], datetime] = lru_cache(_CACHE)(self._moment)
        self._monies: dict[str, Callable[[str], Amount]] = {}

    def money(self, currency: str) -> "Callable[[str], Amount]":
        """The reader of amounts in this currency."""

        def read(text: str) -> Amount:
            stated = self.number(text)
            minor = to_minor(stated, currency)
            return Amount(stated, minor, stated - to_decimal(minor, currency))

        if currency not in self._monies:
            self._monies[currency] = lru_cache(_CACHE)(read)
        return self._monies[currency]

    def _number(self, text: str) -> Decimal:
        plain = text.strip()
        if self._decimal == "." and _PLAIN.fullmatch(plain):
            return Decimal(plain)
        if self._decimal == "," and _DECIMAL_COMMA.fullmatch(plain):
            return Decimal(plain.replace(",", "."))
        if grouped := _GROUPS[self._decimal].fullmatch(plain):
            return Decimal(plain.replace(grouped[1], "").replace(",", "."))
        raise BadValue(self._no_number(plain), "bad_number")

    def _no_number(self, text: str) -> str:
        if not text:
            return "There is no number."
        if text[0] in "=+@":
            return f"{shown(text)} is a formula. Export values."
        other = "," if self._decimal == "." else "."
        fits = (_PLAIN if other == "." else _DECIMAL_COMMA).fullmatch(text) or _GROUPS[other].fullmatch(text)
        if fits:
            return f"{shown(text)} is written with a decimal {_SIGNS[other]}; the profile says {_SIGNS[self._decimal]}."
        return f"{shown(text)} is not a number. Write digits and at most one decimal {_SIGNS[self._decimal]}."

    def _whole(self, text: str) -> int:
        number = self.number(text)
        if number != int(number):
            raise BadValue(f"{shown(text)} is not a whole number.", "bad_number")
        if abs(number) > MAX_QUANTITY * 1000:
            raise BadValue(f"{shown(text)} is too large.", "bad_number")
        return int(number)

    def count(self, text: str) -> int:
        number = self.whole(text)
        if number < 0:
            raise BadValue(f"{shown(text)} is below zero.", "negative")
        return number

    def _moment(self, text: str) -> datetime:
        plain = text.strip()
        for pattern in self._formats:
            try:
                read = datetime.fromisoformat(plain) if pattern == "iso" else _read_time(plain, pattern)
            except ValueError:
                continue
            if not 1970 <= read.year <= 9998:
                raise BadValue(f"{shown(text)} is in the year {read.year}.", "bad_time")
            return (read if read.tzinfo else read.replace(tzinfo=self._zone)).astimezone(UTC)
        expected = " or ".join("like 2011-11-23 14:25" if each == "iso" else each for each in self._formats)
        raise BadValue(f"{shown(text)} is not a date that exists, written {expected}.", "bad_time")


_SIGNS = {".": "point", ",": "comma"}


def _read_time(text: str, pattern: str) -> datetime:
    return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the caller's


def flag(text: str) -> bool:
    plain = text.strip().lower()
    if plain in _TRUE:
        return True
    if plain in _FALSE:
        return False
    raise BadValue(f"{shown(text)} is neither true nor false.")


def version_number(text: str) -> int:
    """Milliseconds of a clock are one too."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 19 and int(plain) <= MAX_VERSION):
        raise BadValue(f"{shown(text)} is no version. Write a whole number.", "bad_number")
    return int(plain)


def texts(text: str) -> tuple[str, ...]:
    """A JSON list, or names separated by commas."""
    if text.lstrip().startswith("["):
        listed = json_value(text)
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise BadValue("This is not a list of texts.")
        return tuple(listed)
    return tuple(each.strip() for each in text.split(",") if each.strip())


def json_value(text: str) -> Any:
    """What PostgreSQL can keep: no NaN, no zero characters, no halves of characters."""
    try:
        found = json.loads(text, parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise BadValue(f"{shown(text)} is not JSON.") from fault
    if "\\u0000" in text:
        raise BadValue("There is a zero character in it.")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def basis_points(rate: Decimal) -> int:
    """0.2000 is 2000."""
    points = rate * 10_000
    if not 0 <= points <= 10_000 or points != int(points):
        raise BadValue("A tax rate is between 0 and 1 with at most four decimals: 0.2000 is 20 %.")
    return int(points)


def currency_code(text: str) -> str:
    plain = text.strip().upper()
    if plain not in EXPONENTS:
        raise BadValue(f"{shown(text)} is not an ISO 4217 currency.", "bad_currency")
    return plain


def to_minor(amount: Decimal, currency: str) -> int:
    """Minor units, parts of them rounded half up (away from zero)."""
    scaled = amount.scaleb(EXPONENTS[currency])
    minor = int(scaled)
    if scaled != minor:
        minor = int(scaled + (Decimal("0.5") if scaled > 0 else Decimal("-0.5")))
    if abs(minor) > MAX_MINOR:
        raise BadValue(f"{amount} is too large.", "bad_number")
    return minor


@lru_cache(maxsize=1024)
def country_code(text: str) -> str:
    """Two letters of a code or an English name; empty if it is neither."""
    plain = " ".join(text.split())
    known = _territories()
    if len(plain) == 2 and plain.upper() in known.values():
        return plain.upper()
    return _COUNTRY_NAMES.get(plain.lower()) or known.get(plain.lower(), "")


@lru_cache(maxsize=1)
def _territories() -> dict[str, str]:
    """Names to codes. Regions of the world (digits) and codes that are no countries are left out."""
    no_country = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    names = Locale("en").territories
    return {
        name.lower(): code
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in no_country
    }
