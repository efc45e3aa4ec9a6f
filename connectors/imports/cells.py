"""A row's cells by the names of our fields, and what is wrong with them in words that name the column."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

from connectors.imports.profile import Profile
from connectors.imports.rows import Header
from connectors.imports.scratch import Row
from connectors.imports.values import BadValue

T = TypeVar("T")
Getter = Callable[[Row], str]

# As wide as what they are stored in.
_LIMITS = {"source": 32, "number": 64, "phone": 40, "locale": 16, "sku": 100, "sales_channel": 40, "type": 100}
_LIMITS |= {"shipping_title": 100, "note": 500}
ID_LIMIT, _TEXT_LIMIT, _NAME_LIMIT, _URL_LIMIT = 128, 255, 100, 500
_ADDRESS_LIMITS = {"name": 200, "line1": 200, "line2": 200, "city": 100, "region": 100, "postal_code": 20}


@cache
def limit(field: str) -> int:
    """How long a text may be."""
    if "_address_" in field:
        return _ADDRESS_LIMITS.get(field.partition("_address_")[2], _TEXT_LIMIT)
    name = field.removeprefix("customer_").removeprefix("line_").removeprefix("variant_")
    if name.endswith("external_id"):
        return ID_LIMIT
    if name.endswith("url"):
        return _URL_LIMIT
    if name in ("first_name", "last_name", "consent_source"):
        return _NAME_LIMIT
    return 254 if name == "email" else _LIMITS.get(name, _TEXT_LIMIT)


class BadCell(Exception):
    """A fault that can be pointed at."""

    def __init__(self, line: int, column: str, code: str, message: str) -> None:
        self.line, self.column, self.code, self.message = line, column, code, message
        super().__init__(message)


class Cells:
    def __init__(self, profile: Profile, header: Header, indexes: Sequence[int]) -> None:
        self._profile = profile
        self._names = header.names
        self._columns = header.fields
        # Behind the line's number.
        self._place = {index: place for place, index in enumerate(indexes, start=1)}
        self._getters: dict[str, Getter] = {}

    def has(self, field: str) -> bool:
        return field in self._columns or field in self._profile.constants

    def column(self, field: str) -> str:
        """As the file calls it."""
        columns = self._columns.get(field)
        return self._names[columns[0]] if columns else field

    def getter(self, field: str) -> Getter:
        """Of the field's text; empty if there is none."""
        if field not in self._getters:
            self._getters[field] = self._make(field)
        return self._getters[field]

    def _make(self, field: str) -> Getter:
        constant = self._profile.constants.get(field, "")
        places = [self._place[index] for index in self._columns.get(field, ())]
        nothing = self._profile.empty_values.get(field, ())
        if not places:
            return lambda row: constant
        only = places[0]
        if self._profile.unquotes_formulas:
            # Our own files: a text is what it is, with the spaces around it.
            return lambda row: _unquoted(row[only]) or constant
        if len(places) == 1 and not nothing and not constant:
            return lambda row: row[only].strip()

        def first_filled(row: Row) -> str:
            for place in places:
                text: str = row[place].strip()
                if text and text not in nothing:
                    return text
            return constant

        return first_filled

    def text(self, row: Row, field: str) -> str:
        text = self.getter(field)(row)
        if len(text) > limit(field):
            raise BadCell(
                row[0],
                self.column(field),
                "too_long",
                f"The text has {len(text):,} characters; at most {limit(field)}.",
            )
        return text

    def read(self, row: Row, field: str, parse: Callable[[str], T], default: T) -> T:
        """The field's value, or the default where nothing stands. Raises BadCell."""
        text = self.getter(field)(row)
        if not text:
            return default
        try:
            return parse(text)
        except BadValue as fault:
            raise BadCell(row[0], self.column(field), fault.code, fault.message) from fault

    def need(self, row: Row, field: str, parse: Callable[[str], T]) -> T:
        """The field's value; that there is none is a fault too. Raises BadCell."""
        try:
            return parse(self.getter(field)(row))
        except BadValue as fault:
            raise BadCell(row[0], self.column(field), fault.code, fault.message) from fault

    def first(self, rows: Sequence[Row], field: str) -> Row:
        """The first row where the field is filled: fields of the whole order may stand on any of its rows."""
        if field in self._columns:
            getter = self.getter(field)
            for row in rows:
                if row[1] is not None and getter(row):
                    return row
        return rows[0]


def _unquoted(text: str) -> str:
    return text[1:] if text[:1] == "'" else text
