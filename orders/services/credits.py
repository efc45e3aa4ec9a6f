"""Credit notes that do not say which order they belong to: they go to the newest earlier order that can bear them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from orders.inputs import CreditInput
from orders.locks import lock_orders
from orders.models import Customer, Order, OrderLine, OrderRefund
from orders.rules import credit_take, credit_units
from orders.services.ingest.state import OrderBook, OrderState
from orders.services.revisions import SYSTEM, recompute_totals, revision_make

# What is in memory at once, however many orders and lines the customers of a call have.
ORDERS_AT_ONCE = 50
ROWS_AT_ONCE = 2000


class CreditOutcome(StrEnum):
    APPLIED = "applied"
    KNOWN = "known"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class CreditResult:
    """`amount_minor` is what was given back, now or when it was first applied; 0 when unmatched."""

    outcome: CreditOutcome
    amount_minor: int


def credits_apply(*, source: str, credits: Sequence[CreditInput]) -> list[CreditResult]:
    """Apply each to the newest order placed before it, of the same customer, with a line of the same sku and unit price
    and quantity left; spread over several, newest first, when only together they suffice.

    What one takes the next does not see. A credit is known again by its external id: twice changes nothing.
    """
    with transaction.atomic():
        ledger = _Ledger(source, credits)
        results = [ledger.apply(credit) for credit in credits]
        ledger.save()
        return results


@dataclass(slots=True)
class _Order:
    """What decides whether an order can bear a credit."""

    id: uuid.UUID
    external_id: str
    customer_id: uuid.UUID
    placed_at: datetime
    shipping_left: int


@dataclass(slots=True)
class _Line:
    id: uuid.UUID
    order: _Order
    quantity_left: int
    amount_left: int


@dataclass(frozen=True, slots=True)
class _Part:
    """What one line bears, as refunds record it."""

    line_id: str
    quantity: int
    amount_minor: int


class _Ledger:
    """The orders that may bear the credits, locked, as far as that matters; only those that do are read whole."""

    def __init__(self, source: str, credits: Sequence[CreditInput]) -> None:
        names = {credit.customer_external_id for credit in credits}
        customers = Customer.objects.filter(source=source, external_id__in=names)
        self.customers: dict[str, uuid.UUID] = dict(customers.values_list("external_id", "pk"))
        self.orders = _lock(_order_ids(source, list(self.customers.values()), credits))
        self.by_customer: dict[uuid.UUID, list[_Order]] = defaultdict(list)
        for order in self.orders.values():
            self.by_customer[order.customer_id].append(order)
        self.by_goods = _lines(self.orders, {credit.sku for credit in credits})
        self.known = _known(self.orders, credits)
        self.refunds: dict[uuid.UUID, list[OrderRefund]] = defaultdict(list)

    def apply(self, credit: CreditInput) -> CreditResult:
        customer = self.customers.get(credit.customer_external_id)
        if customer is None or credit.quantity < 1 or credit.unit_price_minor < 0:
            return CreditResult(CreditOutcome.UNMATCHED, 0)
        key = (customer, credit.external_id)
        if key in self.known:
            return CreditResult(CreditOutcome.KNOWN, self.known[key])
        if not (self._give_shipping(customer, credit) if credit.is_shipping else self._give_goods(customer, credit)):
            return CreditResult(CreditOutcome.UNMATCHED, 0)
        self.known[key] = credit.amount_minor
        return CreditResult(CreditOutcome.APPLIED, credit.amount_minor)

    def _give_shipping(self, customer: uuid.UUID, credit: CreditInput) -> bool:
        for order in self.by_customer[customer]:
            if order.placed_at < credit.refunded_at and order.shipping_left >= credit.amount_minor:
                order.shipping_left -= credit.amount_minor
                self._record(order.id, credit, [], shipping_minor=credit.amount_minor)
                return True
        return False

    def _give_goods(self, customer: uuid.UUID, credit: CreditInput) -> bool:
        price = credit.unit_price_minor
        here = self.by_goods[customer, credit.sku, price]
        lines = [line for line in here if line.order.placed_at < credit.refunded_at]
        taken = credit_take(
            credit.quantity, [credit_units(price, line.quantity_left, line.amount_left) for line in lines]
        )
        if taken is None:
            return False
        parts: dict[uuid.UUID, list[_Part]] = defaultdict(list)
        for line, quantity in zip(lines, taken, strict=True):
            if quantity:
                line.quantity_left -= quantity
                line.amount_left -= quantity * price
                parts[line.order.id].append(_Part(str(line.id), quantity, quantity * price))
        for order_id, of_order in parts.items():
            self._record(order_id, credit, of_order)
        return True

    def _record(
        self, order_id: uuid.UUID, credit: CreditInput, parts: Sequence[_Part], *, shipping_minor: int = 0
    ) -> None:
        refund = OrderRefund(
            order_id=order_id,
            external_id=credit.external_id,
            refunded_at=credit.refunded_at,
            amount_minor=sum(part.amount_minor for part in parts) + shipping_minor,
            shipping_minor=shipping_minor,
            lines=[asdict(part) for part in parts],
        )
        self.refunds[order_id].append(refund)

    def save(self) -> None:
        """Some orders at a time, newest first: each is read whole, and one may have a thousand lines."""
        bearing = [order_id for order_id in self.orders if order_id in self.refunds]
        for first in range(0, len(bearing), ORDERS_AT_ONCE):
            self._save(bearing[first : first + ORDERS_AT_ONCE])

    def _save(self, ids: Collection[uuid.UUID]) -> None:
        book = OrderBook(lock_orders(Q(pk__in=ids)))
        for state in book:
            order = state.order
            _give_back(state, self.refunds[order.pk])
            recompute_totals(order, state.lines)
            state.revisions.append(revision_make(order, state.lines, reason="refunded", actor=SYSTEM))
            if order.is_backfill:
                book.tell_of_history(order)
            else:
                book.tell(order, ["order.updated", "order.refunded"])
        book.save()


def _give_back(state: OrderState, refunds: Sequence[OrderRefund]) -> None:
    lines = {str(line.pk): line for line in state.lines}
    for refund in refunds:
        state.order.shipping_refunded_minor += refund.shipping_minor
        for part in refund.lines:
            line = lines[part["line_id"]]
            line.refunded_quantity += part["quantity"]
            line.refunded_minor += part["amount_minor"]
    state.refunds = [*state.refunds, *refunds]


def _lock(ids: set[uuid.UUID]) -> dict[uuid.UUID, _Order]:
    """Newest first; of the same moment by the shop's id, for ours differ from one import to the next."""
    rows = lock_orders(Q(pk__in=ids)).values_list(
        "pk", "external_id", "customer_id", "placed_at", "shipping_minor", "shipping_refunded_minor"
    )
    orders = [
        _Order(pk, name, customer, at, shipping - refunded)
        for pk, name, customer, at, shipping, refunded in rows
        if customer
    ]
    orders.sort(key=lambda order: (order.placed_at, order.external_id), reverse=True)
    return {order.id: order for order in orders}


def _lines(orders: Mapping[uuid.UUID, _Order], skus: Collection[str]) -> dict[tuple[uuid.UUID, str, int], list[_Line]]:
    """By customer, sku and unit price, those of the newest orders first."""
    by_order: dict[uuid.UUID, list[tuple[str, int, _Line]]] = defaultdict(list)
    rows = OrderLine.objects.filter(order_id__in=list(orders), sku__in=skus).order_by("position", "external_id")
    columns = ("pk", "order_id", "sku", "unit_price_minor", "quantity", "refunded_quantity")
    rows_read = rows.values_list(*columns, "total_minor", "refunded_minor").iterator(ROWS_AT_ONCE)
    for pk, order_id, sku, price, quantity, back, total, refunded in rows_read:
        line = _Line(pk, orders[order_id], quantity - back, total - refunded)
        by_order[order_id].append((sku, price, line))
    found: dict[tuple[uuid.UUID, str, int], list[_Line]] = defaultdict(list)
    for order_id, order in orders.items():
        for sku, price, line in by_order[order_id]:
            found[order.customer_id, sku, price].append(line)
    return found


def _known(orders: Mapping[uuid.UUID, _Order], credits: Sequence[CreditInput]) -> dict[tuple[uuid.UUID, str], int]:
    """What was given back before, by customer and credit."""
    found: dict[tuple[uuid.UUID, str], int] = defaultdict(int)
    names = {credit.external_id for credit in credits}
    rows = OrderRefund.objects.filter(order_id__in=list(orders), external_id__in=names)
    for order_id, name, amount in rows.values_list("order_id", "external_id", "amount_minor"):
        found[orders[order_id].customer_id, name] += amount
    return found


def _order_ids(source: str, customers: list[uuid.UUID], credits: Sequence[CreditInput]) -> set[uuid.UUID]:
    """Orders that may bear one of the credits, or have done so before."""
    theirs = Order.objects.filter(source=source, customer_id__in=customers)
    ids = set(
        OrderRefund.objects.filter(
            order__in=theirs, external_id__in={credit.external_id for credit in credits}
        ).values_list("order_id", flat=True)
    )
    if any(credit.is_shipping for credit in credits):
        ids |= set(theirs.filter(shipping_minor__gt=0).values_list("pk", flat=True))
    goods = {
        (credit.customer_external_id, credit.sku, credit.unit_price_minor)
        for credit in credits
        if not credit.is_shipping
    }
    lines = OrderLine.objects.filter(order__in=theirs, sku__in={sku for _, sku, _ in goods})
    found = lines.values_list("order__customer__external_id", "sku", "unit_price_minor", "order_id")
    return ids | {order_id for *what, order_id in found.iterator(ROWS_AT_ONCE) if tuple(what) in goods}
