"""What an endpoint accepts, as data. An unknown or unfit parameter is refused before anything happens."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from devtools.stripe.errors import InvalidError, Json, missing_parameter, unknown_parameter

Check = Callable[[Any, str], Any]
MAXIMUM_AMOUNT = 99_999_999
_INTEGER_LIMIT = 2**53
_PLAIN_ADDRESS = re.compile(r"\A[!-~]{1,2048}\Z")


@dataclass(frozen=True)
class Field:
    check: Check
    required: bool = False


Spec = Mapping[str, Field]


def read(params: Json, spec: Spec, prefix: str = "") -> Json:
    """The given parameters, checked and converted. An empty value means "unset" and becomes None."""
    full = {name: f"{prefix}[{name}]" if prefix else name for name in {*params, *spec}}
    for name in params:
        if name not in spec:
            raise unknown_parameter(full[name])
    found: Json = {}
    for name, field in spec.items():
        if name not in params:
            if field.required:
                raise missing_parameter(full[name])
            continue
        value = params[name]
        if value == "":
            if field.required:
                raise _empty(full[name])
            found[name] = None
        else:
            found[name] = field.check(value, full[name])
    return found


def _empty(name: str) -> InvalidError:
    return InvalidError(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )


def text(maximum: int = 5000) -> Check:
    def check(value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise InvalidError("Invalid string: expected a string", param=name)
        if len(value) > maximum:
            raise InvalidError(
                f"Invalid string: {value[:20]}…; must be at most {maximum} characters",
                code="parameter_invalid_string",
                param=name,
            )
        return value

    return check


def choice(*allowed: str) -> Check:
    def check(value: Any, name: str) -> str:
        if value not in allowed:
            raise InvalidError(f"Invalid {name}: must be one of {', '.join(allowed)}", param=name)
        return str(value)

    return check


def integer(minimum: int = -_INTEGER_LIMIT, maximum: int = _INTEGER_LIMIT) -> Check:
    def check(value: Any, name: str) -> int:
        digits = value[1:] if isinstance(value, str) and value.startswith("-") else value
        if not (isinstance(digits, str) and digits.isascii() and digits.isdecimal() and len(digits) < 17):
            raise InvalidError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        number = int(value)
        if number < minimum:
            raise InvalidError(
                f"This value must be greater than or equal to {minimum}.", code="parameter_invalid_integer", param=name
            )
        if number > maximum:
            raise InvalidError(
                f"This value must be less than or equal to {maximum}.", code="parameter_invalid_integer", param=name
            )
        return number

    return check


def amount(value: Any, name: str) -> int:
    number: int = integer(minimum=1)(value, name)
    if number > MAXIMUM_AMOUNT:
        raise InvalidError("Amount must be no more than 99,999,999", code="amount_too_large", param=name)
    return number


def boolean(value: Any, name: str) -> bool:
    if value not in ("true", "false"):
        raise InvalidError(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def currency(value: Any, name: str) -> str:
    code = str(value).lower()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InvalidError(f"Invalid currency: {code}", param=name)
    return code


def url(value: Any, name: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (ValueError, AttributeError):
        fits = False
    if not fits or not _PLAIN_ADDRESS.match(value):
        raise InvalidError("Not a valid URL", code="url_invalid", param=name)
    return str(value)


def metadata(value: Any, name: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise InvalidError("Invalid object", param=name)
    if len(value) > 50:
        raise InvalidError("Metadata can have up to 50 keys.", param=name)
    for key, item in value.items():
        text(500)(item, f"{name}[{key}]")
        if len(key) > 40:
            raise InvalidError(f"Metadata keys must be at most 40 characters: {key}", param=name)
    return dict(value)


def mapping(spec: Spec) -> Check:
    def check(value: Any, name: str) -> Json:
        if not isinstance(value, dict):
            raise InvalidError("Invalid object", param=name)
        return read(value, spec, name)

    return check


def array(item: Check) -> Check:
    def check(value: Any, name: str) -> list[Any]:
        if not isinstance(value, list):
            raise InvalidError("Invalid array", param=name)
        return [item(entry, f"{name}[{position}]") for position, entry in enumerate(value)]

    return check


def merge_metadata(current: dict[str, str], change: dict[str, str] | None) -> dict[str, str]:
    """Stripe merges key by key; an empty value removes a key, an empty object all of them."""
    if change is None:
        return {}
    merged = {**current, **change}
    return {key: value for key, value in merged.items() if value != ""}


ADDRESS: Spec = {name: Field(text()) for name in ("city", "country", "line1", "line2", "postal_code", "state")}
EXPAND: Spec = {"expand": Field(array(text()))}
METADATA: Spec = {"metadata": Field(metadata)}
SHIPPING: Spec = {
    "address": Field(mapping(ADDRESS), required=True),
    "carrier": Field(text()),
    "name": Field(text(), required=True),
    "phone": Field(text()),
    "tracking_number": Field(text()),
}
PAGING: Spec = {
    "limit": Field(integer(1, 100)),
    "starting_after": Field(text()),
    "ending_before": Field(text()),
    "created": Field(lambda value, name: _created(value, name)),
}


def _created(value: Any, name: str) -> Json:
    if isinstance(value, str):
        moment = integer(0)(value, name)
        return {"gte": moment, "lte": moment}
    return read(value, {bound: Field(integer(0)) for bound in ("gt", "gte", "lt", "lte")}, name)
