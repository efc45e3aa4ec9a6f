"""A batch of a file into the shop, through the same services as everything else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from connectors.imports.plan import Item
from core.errors import DomainError
from giftcards.inputs import GiftCardInput
from giftcards.services.opening import opening_balances_import
from messaging.services.suppression import suppressions_add
from orders.inputs import CreditInput, CustomerInput, OrderInput, ProductInput
from orders.services.catalogue import products_upsert
from orders.services.credits import credits_apply
from orders.services.customers import customers_upsert
from orders.services.ingest import orders_upsert
from orders.services.revisions import Actor

_Input = TypeVar("_Input", OrderInput, ProductInput, CustomerInput, CreditInput, GiftCardInput)
IMPORT = Actor("system", "import")
EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item. `refused` leaves its lines out of the shop; `remark` is told about what was taken."""

    word: str
    refused: tuple[str, str] | None = None
    remark: tuple[str, str] | None = None


def items_store(items: Sequence[Item], *, source: str, is_derived: bool) -> list[Outcome]:
    """One outcome for each item, in order. `source` is that of ids of which the file does not say it.

    `is_derived`: products that only orders named; they change nothing.
    """
    outcomes: list[Outcome] = []
    for (kind, said), group in groupby(items, key=lambda item: (type(item.data), item.source)):
        outcomes += _STORES[kind](list(group), said or source, is_derived)
    return outcomes


def _orders(items: Sequence[Item], source: str, is_derived: bool) -> list[Outcome]:
    return [_upserted(result) for result in orders_upsert(items=_inputs(items, OrderInput), actor=IMPORT)]


def _products(items: Sequence[Item], source: str, is_derived: bool) -> list[Outcome]:
    results = products_upsert(items=_inputs(items, ProductInput), keep_existing=is_derived)
    return [_upserted(result) for result in results]


def _customers(items: Sequence[Item], source: str, is_derived: bool) -> list[Outcome]:
    inputs = _inputs(items, CustomerInput)
    results = customers_upsert(source=source, items=inputs)
    reasons = {
        data.email: item.suppressed
        for item, data, result in zip(items, inputs, results, strict=True)
        if item.suppressed and not isinstance(result, DomainError)
    }
    if reasons:
        suppressions_add(channel=EMAIL, reasons=reasons)
    return [_upserted(result) for result in results]


def _credits(items: Sequence[Item], source: str, is_derived: bool) -> list[Outcome]:
    return [
        Outcome(result.outcome, ("credit_unmatched", _UNMATCHED) if result.outcome == "unmatched" else None)
        for result in credits_apply(source=source, credits=_inputs(items, CreditInput))
    ]


def _gift_cards(items: Sequence[Item], source: str, is_derived: bool) -> list[Outcome]:
    return [_upserted(result) for result in opening_balances_import(items=_inputs(items, GiftCardInput))]


def _inputs(items: Sequence[Item], kind: type[_Input]) -> list[_Input]:
    return [item.data for item in items if isinstance(item.data, kind)]


_UNMATCHED = "No earlier order of this customer has this item at this price with quantity left to refund."
_LIVE = "This order came from the shop itself, so the file does not change it."


def _upserted(result: Any) -> Outcome:
    if isinstance(result, DomainError):
        return Outcome("refused", (result.code, _told(result)))
    if result.created:
        return Outcome("created")
    if getattr(result, "reason", "") == "live":
        return Outcome("unchanged", remark=("order_is_live", _LIVE))
    return Outcome("updated" if result.applied else "unchanged")


def _told(error: DomainError) -> str:
    """The refusal with what it says about single fields."""
    parts = [f"{field}: {' '.join(texts)}" for field, texts in list(error.field_errors.items())[:5]]
    return " ".join([str(error), *parts])


_STORES: dict[type, Callable[[Sequence[Item], str, bool], list[Outcome]]] = {
    OrderInput: _orders,
    ProductInput: _products,
    CustomerInput: _customers,
    CreditInput: _credits,
    GiftCardInput: _gift_cards,
}
