"""What the file says that its lines amount to, counted from the cells and not from what becomes of them."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from connectors.imports.cells import Cells
from connectors.imports.profile import Profile
from connectors.imports.scratch import Row
from connectors.imports.values import BadValue, Values, currency_code, flag

ZERO = Decimal(0)
_OWN_AMOUNT = {"products": None, "customers": None, "gift_cards": "balance"}
# What is added to the lines of an order that states no total; taxes only where prices are without.
_EXTRAS = (
    ("shipping_price", 1, False),
    ("shipping_tax", 1, True),
    ("fee", 1, False),
    ("fee_tax", 1, True),
    ("discount", -1, False),
    ("tax", 1, True),
)


class Amounts:
    """A cell that cannot be read amounts to nothing, here and in the note about it."""

    def __init__(self, profile: Profile, cells: Cells, values: Values) -> None:
        self._cells, self._values = cells, values
        self._currency = profile.currency
        self._currency_field = "variant_currency" if profile.kind == "products" else "currency"
        self._own = _OWN_AMOUNT.get(profile.kind)
        self._is_orders = profile.kind == "orders"
        self.has_total = cells.has("total")
        self._is_exclusive = profile.tax_inclusive == "false"
        self._extras = [extra for extra in _EXTRAS if cells.has(extra[0])]
        self._get_quantity, self._get_price = cells.getter("line_quantity"), cells.getter("line_unit_price")
        self._readers = {is_exclusive: self._line_reader(is_exclusive) for is_exclusive in (False, True)}

    def currency(self, rows: Sequence[Row]) -> str:
        """Empty if what stands there is no currency."""
        row = self._cells.first(rows, self._currency_field)
        text = self._cells.getter(self._currency_field)(row) if row[1] is not None else ""
        if not text:
            return self._currency
        try:
            return currency_code(text)
        except BadValue:
            return ""

    def of(self, rows: Sequence[Row]) -> list[Decimal]:
        """Of each row of one group. What the whole order amounts to stands with the row that says it."""
        if not self._is_orders:
            return [self._read(row, self._own) if self._own else ZERO for row in rows]
        if self.has_total:
            stated = self._cells.first(rows, "total")
            return [self._read(row, "total") if row is stated else ZERO for row in rows]
        is_exclusive = self._prices_lack_tax(rows)
        of_line = self._readers[is_exclusive]
        amounts = [of_line(row) for row in rows]
        for field, sign, is_tax in self._extras:
            if is_exclusive or not is_tax:
                stated = self._cells.first(rows, field)
                amounts[rows.index(stated)] += sign * self._read(stated, field)
        return amounts

    def of_lines(self, lines: Sequence[Row], rows: Sequence[Row]) -> list[Decimal]:
        """What goes when some lines of an order are left out."""
        if self.has_total or not lines:
            return [ZERO] * len(lines)
        of_line = self._readers[self._prices_lack_tax(rows)]
        return [of_line(row) for row in lines]

    def of_credit(self, row: Row) -> Decimal:
        return self._by_price(row)

    def _prices_lack_tax(self, rows: Sequence[Row]) -> bool:
        if not self._cells.has("tax_inclusive"):
            return self._is_exclusive
        row = self._cells.first(rows, "tax_inclusive")
        try:
            return not flag(self._cells.getter("tax_inclusive")(row)) if row[1] is not None else self._is_exclusive
        except BadValue:
            return self._is_exclusive

    def _read(self, row: Row, field: str) -> Decimal:
        if row[1] is None:
            return ZERO
        text = self._cells.getter(field)(row)
        try:
            return self._values.number(text) if text else ZERO
        except BadValue:
            return ZERO

    def _line_reader(self, is_exclusive: bool) -> Callable[[Row], Decimal]:
        whole = next((field for field in ("line_total", "line_subtotal") if self._cells.has(field)), None)
        parts = [("line_discount", -1)] if whole != "line_total" and self._cells.has("line_discount") else []
        parts += [("line_tax", 1)] if is_exclusive and self._cells.has("line_tax") else []

        def read(row: Row) -> Decimal:
            amount = self._read(row, whole) if whole else self._by_price(row)
            for field, sign in parts:
                amount += sign * self._read(row, field)
            return amount

        return read if whole or parts else self._by_price

    def _by_price(self, row: Row) -> Decimal:
        if row[1] is None:
            return ZERO
        try:
            return self._values.number(self._get_quantity(row)) * self._values.number(self._get_price(row))
        except BadValue:
            return ZERO
