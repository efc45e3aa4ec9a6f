"""What a file would become: its first rows as they would be stored, counts and the first faults of all of it."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.imports.plan import Item, Note, Survey
from connectors.imports.profile import Profile
from connectors.rules import IMPORTED, REPORTED, Tally
from connectors.services.notes import notes_of_items
from connectors.services.store import Outcome
from core import formats
from core.errors import DomainError
from core.tenancy import require_merchant_id
from giftcards.inputs import GiftCardInput
from merchants.models import Merchant
from orders.inputs import CustomerInput, OrderInput, ProductInput
from orders.services.validation import order_check

ROWS = FAULTS = 20
_SHOWN_LINES = 3

COLUMNS: dict[str, tuple[str, ...]] = {
    "orders": ("Order", "Placed", "Customer", "Items", "Shipping", "Tax", "Total", "Refunded"),
    "products": ("Product", "Status", "Variants", "SKU", "Price", "Stock"),
    "customers": ("Customer", "Name", "Email", "Phone", "Marketing", "Never written to"),
    "gift_cards": ("Card", "Balance", "Issued", "Expires", "Customer"),
}
# Columns of figures.
NUMBERS = frozenset({"Shipping", "Tax", "Total", "Refunded", "Price", "Stock", "Balance"})


def preview_make(found: Survey, tally: Tally, *, profile: Profile, on_batch: Callable[[], None]) -> str:
    """As JSON. Counts into `tally` what would be taken and reported, as far as the file alone tells."""
    merchant = Merchant.objects.get(pk=require_merchant_id())
    table = _Table(merchant)
    rows: list[list[str]] = []
    faults: list[dict[str, Any]] = []
    for batch in found.batches():
        outcomes = [_check(item, merchant) for item in batch.items]
        notes = [*batch.notes, *notes_of_items(batch.items, outcomes)]
        for item, outcome in zip(batch.items, outcomes, strict=True):
            tally.count(batch.phase, outcome.word)
            if outcome.refused is None:
                tally.add(IMPORTED, len(item.lines), item.amount, item.currency)
                if batch.phase == profile.kind and len(rows) < ROWS:
                    rows.append(table.row(item))
        for note in notes:
            tally.add(REPORTED, int(note.is_line), note.amount, note.currency)
            if len(faults) < FAULTS and note.is_line:
                faults.append(_fault(note))
        on_batch()
    return json.dumps({"columns": COLUMNS[profile.kind], "rows": rows, "faults": faults}, ensure_ascii=False)


def _check(item: Item, merchant: Merchant) -> Outcome:
    if isinstance(item.data, OrderInput):
        try:
            order_check(item.data, merchant_currency=merchant.currency)
        except DomainError as error:
            return Outcome("refused", (error.code, str(error)))
    return Outcome("expected")


def _fault(note: Note) -> dict[str, Any]:
    return {"line": note.line, "column": note.column, "message": note.message}


class _Table:
    """Cells in the merchant's words."""

    def __init__(self, merchant: Merchant) -> None:
        self.locale, self.zone = merchant.locale, merchant.time_zone

    def row(self, item: Item) -> list[str]:
        data = item.data
        if isinstance(data, OrderInput):
            return self._order(data)
        if isinstance(data, ProductInput):
            return self._product(data)
        if isinstance(data, CustomerInput):
            return self._customer(data, item.suppressed)
        if isinstance(data, GiftCardInput):
            return self._gift_card(data)
        raise TypeError(f"{type(data).__name__} is never shown by itself.")

    def _order(self, data: OrderInput) -> list[str]:
        customer = data.customer
        things = [f"{line.quantity} × {line.title or line.sku}" for line in data.lines]
        refunded = sum(line.refunded_minor for line in data.lines) + data.shipping_refunded_minor
        tax = sum(line.tax_minor for line in data.lines) + data.shipping_tax_minor
        return [
            data.number,
            self._moment(data.placed_at),
            (customer.email or customer.external_id) if customer else "Guest",
            _first(things),
            self._money(data.shipping_minor, data.currency),
            self._money(tax, data.currency),
            self._money(data.total_minor, data.currency),
            self._money(refunded, data.currency) if refunded else "",
        ]

    def _product(self, data: ProductInput) -> list[str]:
        stock = [variant.stock_quantity for variant in data.variants if variant.stock_quantity is not None]
        return [
            data.title,
            data.status.capitalize(),
            _first([variant.title or "One variant" for variant in data.variants]),
            _first([variant.sku for variant in data.variants if variant.sku]),
            _first(sorted({self._money(variant.price_minor, variant.currency) for variant in data.variants})),
            formats.number(sum(stock), self.locale) if stock else "",
        ]

    def _customer(self, data: CustomerInput, suppressed: str) -> list[str]:
        agreed = {True: "Agreed", False: "No", None: ""}[data.accepts_marketing]
        when = f" {self._moment(data.consented_at)}" if data.accepts_marketing and data.consented_at else ""
        name = f"{data.first_name} {data.last_name}".strip()
        return [data.external_id, name, data.email, data.phone, agreed + when, suppressed]

    def _gift_card(self, data: GiftCardInput) -> list[str]:
        return [
            f"…{data.code[-4:]}",  # a whole code is money
            self._money(data.balance_minor, data.currency),
            self._moment(data.issued_at) if data.issued_at else "",
            self._moment(data.expires_at) if data.expires_at else "Never",
            data.customer_email or data.customer_external_id,
        ]

    def _money(self, minor: int, currency: str) -> str:
        return formats.money(minor, currency, self.locale)

    def _moment(self, at: datetime) -> str:
        day = formats.day(at.astimezone(ZoneInfo(self.zone)).date(), self.locale)
        return f"{day}, {formats.time_of_day(at, self.zone, self.locale)}"


def _first(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_SHOWN_LINES])
    more = len(texts) - _SHOWN_LINES
    return f"{shown} and {more} more" if more > 0 else shown
