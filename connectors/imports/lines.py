"""The lines of an order as the file has them: read, and set apart by the profile's rules."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from connectors.imports.cells import BadCell, Cells
from connectors.imports.profile import Profile
from connectors.imports.scratch import Row
from connectors.imports.values import MAX_QUANTITY, NO_AMOUNT, BadValue, Values, basis_points, flag
from core.money import to_decimal
from orders.inputs import LineInput

_NOTHING = Decimal(0)
_LINE_SIGNS = ("line_quantity", "line_unit_price", "line_subtotal", "line_title")
_TEXTS = ("line_variant_external_id", "line_variant_title", "line_picture_url")
_EXTRAS = (*_TEXTS, "line_tax_rate", "line_edit_id", "line_fulfilled_quantity", "line_in_progress_quantity")
FULFILLED = ("fulfilled", "shipped", "completed")


@dataclass(slots=True)
class Line:
    """Amounts in minor units; those of the whole line may still grow while the order's are spread."""

    row: Row
    external_id: str
    sku: str
    title: str
    quantity: int
    price: Decimal
    unit_minor: int
    rest: Decimal = _NOTHING
    """Parts of a minor unit that the price has besides."""
    discount: int = 0
    tax: int = 0
    refunded: int = 0
    refunded_quantity: int = 0
    fulfilled: int = 0
    is_taxable: bool = True
    is_extra: bool = False
    """Not in the file as a line: what its row says is of another."""
    is_rounded: bool = False
    """Whether an amount of the whole line had parts of a minor unit."""

    @property
    def gross(self) -> int:
        return self.unit_minor * self.quantity

    @property
    def net(self) -> int:
        """After discount, with the tax in it or not as the order has it."""
        return self.unit_minor * self.quantity - self.discount


class Codes:
    """Whether a code is in a list; a trailing * stands for anything, upper and lower case are alike."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        folded = [pattern.casefold() for pattern in patterns]
        self._exact = {pattern for pattern in folded if not pattern.endswith("*")}
        self._has_digits = any(pattern[:1].isdigit() or pattern == "*" for pattern in patterns)
        self._starts = tuple(pattern[:-1] for pattern in folded if pattern.endswith("*"))

    def __contains__(self, code: str) -> bool:
        if code.isdigit() and not self._has_digits:
            return False
        folded = code.casefold()
        return folded in self._exact or folded.startswith(self._starts)


class LineReader:
    def __init__(self, profile: Profile, cells: Cells, values: Values) -> None:
        self._cells, self._values = cells, values
        self._no_products = Codes((*profile.non_goods, *profile.postage_codes))
        self._creates_products = profile.creates_products
        self._signs = [cells.getter(field) for field in _LINE_SIGNS if cells.has(field)]
        self._id_is_given = cells.has("line_external_id")
        self._amounts = [field for field in ("line_discount", "line_tax", "line_refunded") if cells.has(field)]
        self._whole = [field for field in ("line_subtotal", "line_total") if cells.has(field)]
        self._has_more = any(
            map(cells.has, ("line_refunded_quantity", "line_fulfilment_status", "line_taxable", *self._amounts))
        )
        self._extras = [field for field in _EXTRAS if cells.has(field)]

    def is_line(self, row: Row) -> bool:
        """A row may tell of the order alone."""
        return any(get(row) for get in self._signs)

    def read(self, row: Row, place: int, currency: str) -> Line:
        """Raises BadCell."""
        cells = self._cells
        quantity = cells.need(row, "line_quantity", self._values.whole)
        if abs(quantity) > MAX_QUANTITY:
            raise BadCell(row[0], cells.column("line_quantity"), "bad_number", f"At most {MAX_QUANTITY:,} of one line.")
        if self._whole and not cells.getter("line_unit_price")(row):
            price, unit_minor, rest = NO_AMOUNT
        else:
            price, unit_minor, rest = cells.need(row, "line_unit_price", self._values.money(currency))
        sku = cells.text(row, "line_sku")
        external_id = cells.text(row, "line_external_id") if self._id_is_given else ""
        title = cells.text(row, "line_title")
        line = Line(row, external_id or str(place), sku, title, quantity, price, unit_minor, rest)
        if self._whole:
            self._read_whole(line, currency)
        if self._has_more:
            self._read_more(line, currency)
        return line

    def _minor(self, line: Line, field: str, currency: str) -> int:
        amount = self._cells.read(line.row, field, self._values.money(currency), NO_AMOUNT)
        if amount.rest:
            line.is_rounded = True
        if amount.minor < 0:
            raise BadCell(line.row[0], self._cells.column(field), "negative", "This is below zero.")
        return amount.minor

    def _read_whole(self, line: Line, currency: str) -> None:
        """Amounts of the whole line: the unit price is rounded up, and the discount takes what that is too much."""
        if line.quantity < 1:
            return
        gross = self._minor(line, "line_subtotal", currency) if "line_subtotal" in self._whole else line.gross
        net = self._minor(line, "line_total", currency) if "line_total" in self._whole else gross
        line.unit_minor = -(-max(gross, net) // line.quantity)
        line.price = to_decimal(line.unit_minor, currency)
        line.discount = line.unit_minor * line.quantity - net

    def _read_more(self, line: Line, currency: str) -> None:
        cells, row = self._cells, line.row
        for field in self._amounts:
            name = field.removeprefix("line_")
            setattr(line, name, getattr(line, name) + self._minor(line, field, currency))
        line.refunded_quantity = abs(cells.read(row, "line_refunded_quantity", self._values.whole, 0))
        if cells.getter("line_fulfilment_status")(row).lower() in FULFILLED:
            line.fulfilled = line.quantity
        line.is_taxable = cells.read(row, "line_taxable", flag, True)

    def to_input(self, line: Line) -> LineInput:
        extras: dict[str, Any] = {}
        if self._extras and not line.is_extra:
            extras = self._read_extras(line)
        variant = None
        if self._creates_products and line.sku and line.sku not in self._no_products:
            variant = line.sku
        return LineInput(
            external_id=line.external_id,
            title=line.title or line.sku or f"Line {line.external_id}",
            quantity=line.quantity,
            unit_price_minor=line.unit_minor,
            sku=line.sku,
            discount_minor=line.discount,
            tax_minor=line.tax,
            refunded_minor=line.refunded,
            refunded_quantity=line.refunded_quantity,
            **{"variant_external_id": variant, "fulfilled_quantity": line.fulfilled, **extras},
        )

    def _read_extras(self, line: Line) -> dict[str, Any]:
        cells, row = self._cells, line.row
        extras: dict[str, Any] = {}
        for field in self._extras:
            name = field.removeprefix("line_")
            if field in _TEXTS:
                extras[name] = cells.text(row, field)
            elif field == "line_tax_rate":
                extras["tax_rate_bp"] = cells.read(row, field, lambda text: basis_points(self._values.number(text)), 0)
            elif field == "line_edit_id":
                extras[name] = cells.read(row, field, _uuid, None)
            else:
                extras[name] = cells.read(row, field, self._values.count, line.fulfilled)
        if "variant_external_id" in extras:
            extras["variant_external_id"] = extras["variant_external_id"] or None
        return extras


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError as fault:
        raise BadValue("This is not the id of a change.") from fault
