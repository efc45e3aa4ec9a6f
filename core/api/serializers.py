"""Strict input: unknown fields are named and refused, types are not guessed, money is a string of exact decimals."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core import clock
from core.money import EXPONENTS, InvalidAmount, amount_text, exponent, parse_amount

EARLIEST = datetime.fromisoformat("1990-01-01T00:00:00+00:00")


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer for what others send. A `currency` field on it is that of the amounts in and below it."""

    amount_currency: str | None = None

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        if "currency" in self.fields:
            self.amount_currency = data.get("currency")
        unknown = {str(name): ["Unknown field."] for name in data if name not in self.fields}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **unknown}) from error
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class TextField(serializers.CharField):
    """A string. Numbers are not turned into one."""

    default_error_messages = {"not_text": "Send a string."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    """A JSON integer. Strings, fractions and booleans are not turned into one."""

    default_error_messages = {"not_whole": "Send a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("not_whole")
        return super().to_internal_value(data)


class TrueFalseField(serializers.BooleanField):
    """A JSON boolean."""

    default_error_messages = {"not_boolean": "Send true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("not_boolean")
        return data


class PastTimeField(serializers.DateTimeField):
    """An instant with its offset that has happened, give or take the clocks."""

    default_error_messages = {
        "future": "This is in the future.",
        "ancient": "This is before 1990.",
        "naive": "Give the offset to UTC, like 2026-11-21T20:00:00Z.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("naive")
        return super().enforce_timezone(value)

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            self.fail("invalid", format="an ISO 8601 string")
        try:
            value: datetime = super().to_internal_value(data)
        except OverflowError:
            self.fail("overflow")
        if value > clock.now() + clock.TOLERANCE:
            self.fail("future")
        if value < EARLIEST:
            self.fail("ancient")
        return value


class ExternalIdField(TextField):
    """The sender's own id of a thing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=128, **kwargs)


class TextListField(serializers.ListField):
    """A list of short strings, like tags."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=TextField(max_length=100), max_length=100, **kwargs)


class NamedTextsField(serializers.DictField):
    """Short texts under short names, like what stands behind an address."""

    MAX_NAMES, MAX_NAME = 50, 100
    default_error_messages = {
        "too_many": f"At most {MAX_NAMES} names.",
        "long_name": f"A name has at most {MAX_NAME} characters.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=TextField(max_length=255, allow_blank=True), **kwargs)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        found: dict[str, str] = super().to_internal_value(data)
        if len(found) > self.MAX_NAMES:
            self.fail("too_many")
        if any(len(name) > self.MAX_NAME for name in found):
            self.fail("long_name")
        return found


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,10})?$", "example": "1.27"})
class DecimalStringField(TextField):
    """A plain decimal number as a string, with at most so many decimals and at most so large."""

    default_error_messages = {
        "not_decimal": "Send a decimal number as a string with at most {decimals} decimals.",
        "too_large": "At most {largest}.",
    }

    def __init__(self, *, decimals: int, largest: Decimal, **kwargs: Any) -> None:
        self.decimals, self.largest = decimals, largest
        self.pattern = re.compile(rf"[0-9]{{1,9}}(?:\.[0-9]{{1,{decimals}}})?")
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:  # type: ignore[override]
        text = super().to_internal_value(data)
        if not self.pattern.fullmatch(text):
            self.fail("not_decimal", decimals=self.decimals)
        value = Decimal(text)
        if value > self.largest:
            self.fail("too_large", largest=self.largest)
        return value


@extend_schema_field({"type": "string", "minLength": 3, "maxLength": 3, "pattern": "^[A-Z]{3}$", "example": "GBP"})
class CurrencyField(TextField):
    """An ISO 4217 code."""

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        try:
            exponent(code)
        except InvalidAmount as error:
            raise serializers.ValidationError(str(error)) from error
        return code


_AMOUNT_SCHEMA = {
    "type": "string",
    "pattern": r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$",
    "description": "Decimal string with exactly the decimals of the currency.",
    "example": "12.50",
}


@extend_schema_field(_AMOUNT_SCHEMA)
class AmountField(serializers.Field[int, Any, str, Any]):
    """A decimal string in the currency of the nearest serializer above that has one; minor units inside."""

    default_error_messages = {
        "not_text": 'Send the amount as a string, like "12.50".',
        "negative": "This cannot be negative.",
    }

    def __init__(self, *, signed: bool = False, **kwargs: Any) -> None:
        self.signed = signed
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str):
            self.fail("not_text")
        currency = self._currency()
        if currency is None:
            return 0  # the currency's own field refuses the body
        try:
            minor = parse_amount(data, currency)
        except InvalidAmount as error:
            raise serializers.ValidationError(str(error)) from error
        if minor < 0 and not self.signed:
            self.fail("negative")
        return minor

    def _currency(self) -> str | None:
        above: Any = self.parent
        while above is not None:
            currency = getattr(above, "amount_currency", None)
            if currency is not None:
                return currency if _is_known(currency) else None
            above = above.parent
        return None


def _is_known(currency: object) -> bool:
    return isinstance(currency, str) and currency in EXPONENTS


@extend_schema_field(_AMOUNT_SCHEMA)
class AmountOutField(serializers.ReadOnlyField):
    """Minor units of a row as a decimal string, in the currency that stands at `currency` from the row."""

    def __init__(self, *, currency: str = "currency", **kwargs: Any) -> None:
        self.currency_path = currency.split(".")
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> Any:
        minor = super().get_attribute(instance)
        if minor is None:
            return None
        currency = instance
        for name in self.currency_path:
            currency = getattr(currency, name)
        return amount_text(minor, currency)
