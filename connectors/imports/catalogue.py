"""The products that a file's order lines name: the first title, the newest price."""

import sqlite3
from collections.abc import Iterator

from connectors.imports.amounts import ZERO
from connectors.imports.cells import Cells, limit
from connectors.imports.lines import Codes
from connectors.imports.plan import Item
from connectors.imports.profile import Profile
from connectors.imports.scratch import Row
from connectors.imports.values import BadValue, Values
from orders.inputs import ProductInput, VariantInput

_KEPT = 20_000
_MERGE = """
    INSERT INTO product VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sku) DO UPDATE SET
        title = CASE WHEN product.title = '' THEN excluded.title ELSE product.title END,
        price = CASE WHEN excluded.at >= product.at THEN excluded.price ELSE product.price END,
        currency = CASE WHEN excluded.at >= product.at THEN excluded.currency ELSE product.currency END,
        at = MAX(product.at, excluded.at)
"""


class Catalogue:
    """Gathered in the scratch file; only the codes of late stand in memory."""

    def __init__(self, profile: Profile, cells: Cells, values: Values, db: sqlite3.Connection) -> None:
        self._profile, self._cells, self._values, self._db = profile, cells, values, db
        self._no_products = Codes((*profile.non_goods, *profile.postage_codes))
        self._get_sku, self._get_title = cells.getter("line_sku"), cells.getter("line_title")
        self._get_quantity, self._get_price = cells.getter("line_quantity"), cells.getter("line_unit_price")
        self._get_time = cells.getter("placed_at")
        self._longest = limit("line_sku"), limit("line_title")
        # sku → [line, title, price, currency, seconds]
        self._fresh: dict[str, list[int | str | float]] = {}
        db.execute(
            "CREATE TABLE product (sku TEXT PRIMARY KEY, line INT, title TEXT, price INT, currency TEXT, at REAL)"
        )

    def see(self, rows: list[Row], currency: str) -> None:
        """The rows of one order."""
        if not currency:
            return
        money, whole = self._values.money(currency), self._values.whole
        at: float | None = None
        for row in rows:
            if row[1] is None:
                continue
            sku, title = self._get_sku(row), self._get_title(row)
            try:
                if (
                    not sku
                    or len(sku) > self._longest[0]
                    or len(title) > self._longest[1]
                    or sku in self._no_products
                    or whole(self._get_quantity(row)) < 1
                ):
                    continue
                price = money(self._get_price(row)).minor
                at = at if at is not None else self._values.moment(self._get_time(row)).timestamp()
            except BadValue:
                continue
            if price > 0:
                self._note(sku, row[0], title, price, currency, at)

    def _note(self, sku: str, line: int, title: str, price: int, currency: str, at: float) -> None:
        known = self._fresh.get(sku)
        if known is None:
            self._fresh[sku] = [line, title, price, currency, at]
            if len(self._fresh) > _KEPT:
                self.flush()
            return
        known[1] = known[1] or title
        if at >= known[4]:  # type: ignore[operator]
            known[2:] = price, currency, at

    def flush(self) -> None:
        self._db.executemany(_MERGE, ((sku, *rest) for sku, rest in self._fresh.items()))
        self._fresh.clear()

    def count(self) -> int:
        found: int = self._db.execute("SELECT COUNT(*) FROM product").fetchone()[0]
        return found

    def items(self, skip: int) -> Iterator[Item]:
        found = self._db.execute(
            "SELECT sku, title, price, currency FROM product ORDER BY line, sku LIMIT -1 OFFSET ?", (skip,)
        )
        for sku, title, price, currency in found:
            variant = VariantInput(external_id=sku, sku=sku, price_minor=price, currency=currency)
            data = ProductInput(source=self._profile.source, external_id=sku, title=title or sku, variants=(variant,))
            yield Item((), ZERO, currency, data)
