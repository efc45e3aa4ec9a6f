"""Lines of credit notes to credits, one by one: which order each belongs to is found out where orders are known."""

from connectors.imports.amounts import Amounts
from connectors.imports.cells import ID_LIMIT, BadCell, Cells
from connectors.imports.lines import Codes
from connectors.imports.plan import Item, Note
from connectors.imports.profile import Profile
from connectors.imports.scratch import Row
from connectors.imports.values import Values
from core.money import to_decimal
from orders.inputs import CreditInput


class CreditMapper:
    def __init__(self, profile: Profile, cells: Cells, values: Values, amounts: Amounts) -> None:
        self._cells, self._values, self._amounts = cells, values, amounts
        self._postage = Codes(profile.postage_codes)

    def read(self, key: str, place: int, row: Row) -> tuple[Item | None, list[Note]]:
        currency = self._amounts.currency([row])
        stated = self._amounts.of_credit(row)
        try:
            data = self._credit(key, place, row, currency)
        except BadCell as fault:
            return None, [Note(row[0], fault.column, fault.code, fault.message, stated, currency, True)]
        amount = -to_decimal(data.amount_minor, currency)
        notes = []
        if stated != amount:
            message = "The price has parts of the smallest coin; it is rounded."
            column = self._cells.column("line_unit_price")
            notes.append(Note(row[0], column, "rounded", message, stated - amount, currency, False))
        return Item((row[0],), amount, currency, data), notes

    def _credit(self, key: str, place: int, row: Row, currency: str) -> CreditInput:
        """Raises BadCell."""
        cells = self._cells
        if row[1] is None:
            raise BadCell(row[0], "", "bad_row", row[2])
        if not currency:
            raise BadCell(row[0], cells.column("currency"), "bad_currency", "This is not an ISO 4217 currency.")
        quantity = cells.need(row, "line_quantity", self._values.whole)
        price = cells.need(row, "line_unit_price", self._values.money(currency))
        if quantity * price.stated >= 0:
            message = "A credit note gives nothing back with this line."
            raise BadCell(row[0], cells.column("line_quantity"), "no_credit", message)
        customer = cells.text(row, "customer_external_id") or cells.text(row, "customer_email").casefold()
        if not customer:
            message = "Without a customer nobody can tell which order this credit belongs to."
            raise BadCell(row[0], cells.column("customer_external_id"), "credit_without_customer", message)
        if len(key) + len(str(place)) >= ID_LIMIT:
            raise BadCell(row[0], "", "too_long", f"The credit note's id has more than {ID_LIMIT} characters.")
        sku = cells.text(row, "line_sku")
        is_shipping = sku in self._postage
        return CreditInput(
            external_id=f"{key}:{place}",
            customer_external_id=customer,
            sku="" if is_shipping else sku,
            unit_price_minor=abs(price.minor),
            quantity=abs(quantity),
            refunded_at=cells.need(row, "placed_at", self._values.moment),
            is_shipping=is_shipping,
        )
