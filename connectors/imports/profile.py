"""How one kind of file is read: its columns, its ways of writing, and the rules for what its lines mean."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from connectors.imports.fields import FIELDS, REQUIRED
from core.errors import DomainError
from core.money import EXPONENTS

ENCODINGS = ("auto", "utf-8", "utf-16", "cp1252", "latin-1")
DELIMITERS = {"auto": "", ",": ",", ";": ";", "tab": "\t", "|": "|"}
STATUS_MEANINGS = ("paid", "unpaid", "cancelled", "ignored")
_CHOICES = {
    "kind": tuple(FIELDS),
    "encoding": ENCODINGS,
    "delimiter": tuple(DELIMITERS),
    "decimal": (".", ","),
    "duplicates": ("keep", "report"),
    "zero_price": ("keep", "report", "correction"),
    "tax_inclusive": ("true", "false", "infer"),
}
# A sample with every part in it: a pattern that cannot read back what it wrote is none.
_SAMPLE = datetime(2011, 11, 23, 14, 25, 36, tzinfo=UTC)
_FLAGS = {"creates_products", "unquotes_formulas"}
_LISTS = {"date_formats", "optional", "ignored_prefixes", "postage_codes", "non_goods"}
_MAPS = {"columns", "constants", "empty_values", "statuses"}
_LIST_MAPS = {"columns", "empty_values"}
_CURRENCY_FIELD = {"orders": "currency", "products": "variant_currency", "gift_cards": "currency"}
# Rows of these belong together.
GROUPED = ("orders", "products")


class InvalidProfile(DomainError):
    code = "invalid_import_profile"
    message = "The profile cannot be used."


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Field names are those of `connectors.imports.fields`; what stands in the file is named by `columns`."""

    kind: str
    """orders, products, customers or gift_cards"""
    columns: Mapping[str, tuple[str, ...]]
    """Field → column names; of several the first that is filled counts."""
    source: str = "custom"
    """The system that the ids belong to. A column mapped to the field `source` goes before it."""
    encoding: str = "auto"
    delimiter: str = "auto"
    decimal: str = "."
    """The other one, spaces and apostrophes may group thousands."""
    date_formats: tuple[str, ...] = ("iso",)
    time_zone: str = ""
    """Of times without offset; empty: the shop's."""
    currency: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    """Fields whose columns may be missing from the file."""
    empty_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field → what stands in the file for nothing, such as customer 0."""
    unquotes_formulas: bool = False
    """A leading apostrophe that keeps spreadsheets from calculating is taken off."""
    group_by: str = "external_id"
    """Orders and products: rows with the same value here are one, wherever they stand in the file."""
    refund_field: str = "external_id"
    refund_prefix: str = ""
    """Rows whose `refund_field` begins with it are credits; empty: there are none."""
    ignored_prefixes: tuple[str, ...] = ()
    """Groups that begin with one of these are no sales and reported."""
    postage_codes: tuple[str, ...] = ()
    non_goods: tuple[str, ...] = ()
    """Codes that are sold without being products; a trailing * stands for anything."""
    duplicates: str = "keep"
    zero_price: str = "keep"
    """keep, report, or correction: reported unless the order has a customer or anything with a price."""
    tax_inclusive: str = "false"
    """infer: from subtotal, shipping, taxes and total."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    """What stands in `status` → paid, unpaid, cancelled or ignored."""
    creates_products: bool = False
    """Products that the file's lines name are made, where there are none."""

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> "Profile":
        """From JSON. Raises InvalidProfile with all faults."""
        errors = _shape_errors(settings)
        if errors:
            raise InvalidProfile(field_errors=errors)
        values = dict(settings)
        for name in _LISTS & values.keys():
            values[name] = tuple(values[name])
        for name in _LIST_MAPS & values.keys():
            values[name] = {key: _listed(value) for key, value in values[name].items()}
        profile = cls(**values)
        errors = _sense_errors(profile)
        if errors:
            raise InvalidProfile(field_errors=errors)
        return profile

    def dump(self) -> dict[str, Any]:
        """As JSON: `Profile.parse(profile.dump()) == profile`."""
        values = asdict(self)
        for name in _LISTS:
            values[name] = list(values[name])
        for name in _LIST_MAPS:
            values[name] = {key: value[0] if len(value) == 1 else list(value) for key, value in values[name].items()}
        return values

    def has(self, name: str) -> bool:
        """Whether the file, or the profile for all of it, says something for this field."""
        return name in self.columns or name in self.constants


_NAMES = {each.name for each in fields(Profile)}


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _shape_errors(settings: Mapping[str, Any]) -> dict[str, list[str]]:
    """Whether each setting is known and of the right type."""
    errors: dict[str, list[str]] = {}
    for name, value in settings.items():
        if name not in _NAMES:
            errors[name] = [f"There is no such setting. There are: {', '.join(sorted(_NAMES))}."]
        elif name in _LISTS:
            if not _is_text_list(value):
                errors[name] = ["This is a list of texts."]
        elif name in _MAPS:
            if not isinstance(value, dict) or not all(_is_map_value(name, each) for each in value.values()):
                errors[name] = ["This is a set of names, each with a text."]
        elif name in _FLAGS:
            if not isinstance(value, bool):
                errors[name] = ["This is true or false."]
        elif not isinstance(value, str):
            errors[name] = ["This is a text."]
    for name in ("kind", "columns"):
        if name not in settings:
            errors[name] = ["This is missing."]
    return errors


def _is_map_value(name: str, value: object) -> bool:
    return isinstance(value, str) or (name in _LIST_MAPS and _is_text_list(value) and bool(value))


def _sense_errors(profile: Profile) -> dict[str, list[str]]:
    """Whether the settings say something that can be done."""
    errors: dict[str, list[str]] = {}
    for name, choices in _CHOICES.items():
        if getattr(profile, name) not in choices:
            errors[name] = [f"This is one of: {', '.join(choices)}."]
    if "kind" in errors:
        return errors
    known = FIELDS[profile.kind]
    for name in ("columns", "constants", "empty_values"):
        if unknown := sorted(getattr(profile, name).keys() - known):
            errors[name] = [f"There are no such fields: {', '.join(unknown)}."]
    if unknown := sorted(set(profile.optional) - profile.columns.keys()):
        errors["optional"] = [f"These have no column: {', '.join(unknown)}."]
    missing = [" or ".join(group) for group in REQUIRED[profile.kind] if not any(map(profile.has, group))]
    if not profile.columns:
        missing = missing or ["something"]
    if missing and "columns" not in errors:
        errors["columns"] = [f"Name the columns of: {', '.join(missing)}."]
    errors.update(_value_errors(profile))
    return errors


def _value_errors(profile: Profile) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not profile.source or len(profile.source) > 32:
        errors["source"] = ["A name of 1 to 32 characters."]
    if profile.time_zone and profile.time_zone not in available_timezones():
        errors["time_zone"] = [f"There is no time zone {profile.time_zone!r}. Write it like Europe/London."]
    if profile.currency and profile.currency not in EXPONENTS:
        errors["currency"] = [f"{profile.currency!r} is not an ISO 4217 currency."]
    elif not profile.currency and profile.kind != "customers" and not profile.has(_CURRENCY_FIELD[profile.kind]):
        errors["currency"] = ["Say the currency, or name its column."]
    if bad := [pattern for pattern in profile.date_formats if not _is_date_format(pattern)]:
        errors["date_formats"] = [f"Not a date format: {', '.join(bad)}. Write iso, or like %d/%m/%Y %H:%M."]
    if not profile.date_formats:
        errors["date_formats"] = ["Name at least one; iso is 2011-11-23 14:25."]
    if bad := sorted(set(profile.statuses.values()) - set(STATUS_MEANINGS)):
        errors["statuses"] = [f"A status means one of {', '.join(STATUS_MEANINGS)}, not {', '.join(bad)}."]
    if profile.kind == "orders" and profile.has("status") and not profile.statuses:
        errors["statuses"] = ["Say what each status means."]
    for name in ("group_by", "refund_field"):
        field_name = getattr(profile, name)
        is_used = profile.kind in GROUPED if name == "group_by" else bool(profile.refund_prefix)
        if is_used and field_name not in profile.columns:
            errors[name] = [f"{field_name!r} has no column."]
    return errors


def _is_date_format(pattern: str) -> bool:
    if pattern == "iso":
        return True
    try:
        read = datetime.strptime(_SAMPLE.strftime(pattern), pattern)  # noqa: DTZ007 - its date alone is looked at
    except ValueError:
        return False
    return read.date() == _SAMPLE.date()
