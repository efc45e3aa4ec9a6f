"""Credit notes that do not say which order they belong to: they go to the newest earlier order that can bear them."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from orders.inputs import CreditInput
from orders.models import Customer, Order, OrderLine, OrderRefund
from orders.rules import credit_take, credit_units
from orders.services.ingest.state import OrderBook, OrderState
from orders.services.revisions import SYSTEM, recompute_totals, revision_make


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


@dataclass(frozen=True, slots=True)
class _Candidate:
    state: OrderState
    line: OrderLine

    @property
    def units(self) -> int:
        line = self.line
        return credit_units(
            line.unit_price_minor,
            line.quantity - line.refunded_quantity,
            line.total_minor - line.refunded_minor,
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """What one line bears, as refunds record it."""

    line_id: str
    quantity: int
    amount_minor: int


class _Ledger:
    """The orders that may bear the credits, locked; changed in memory credit after credit, written at once."""

    def __init__(self, source: str, credits: Sequence[CreditInput]) -> None:
        names = {credit.customer_external_id for credit in credits}
        customers = Customer.objects.filter(source=source, external_id__in=names)
        self.customers: dict[str, uuid.UUID] = dict(customers.values_list("external_id", "pk"))
        self.book = OrderBook(Q(pk__in=_order_ids(source, list(self.customers.values()), credits)))
        self.by_customer: dict[uuid.UUID | None, list[OrderState]] = defaultdict(list)
        self.by_goods: dict[tuple[uuid.UUID | None, str, int], list[_Candidate]] = defaultdict(list)
        self.known: dict[tuple[uuid.UUID | None, str], int] = defaultdict(int)
        self.touched: dict[uuid.UUID, OrderState] = {}
        for state in sorted(self.book, key=lambda state: (state.order.placed_at, state.order.pk), reverse=True):
            self._enter(state)

    def _enter(self, state: OrderState) -> None:
        customer = state.order.customer_id
        self.by_customer[customer].append(state)
        for line in state.lines:
            self.by_goods[customer, line.sku, line.unit_price_minor].append(_Candidate(state, line))
        for refund in state.refunds:
            self.known[customer, refund.external_id] += refund.amount_minor

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
        for state in self.by_customer[customer]:
            order = state.order
            left = order.shipping_minor - order.shipping_refunded_minor
            if order.placed_at < credit.refunded_at and left >= credit.amount_minor:
                order.shipping_refunded_minor += credit.amount_minor
                self._write(state, credit, [], shipping_minor=credit.amount_minor)
                return True
        return False

    def _give_goods(self, customer: uuid.UUID, credit: CreditInput) -> bool:
        candidates = [
            candidate
            for candidate in self.by_goods[customer, credit.sku, credit.unit_price_minor]
            if candidate.state.order.placed_at < credit.refunded_at
        ]
        taken = credit_take(credit.quantity, [candidate.units for candidate in candidates])
        if taken is None:
            return False
        parts: dict[uuid.UUID, list[_Part]] = defaultdict(list)
        states = {candidate.state.order.pk: candidate.state for candidate in candidates}
        for candidate, quantity in zip(candidates, taken, strict=True):
            if quantity:
                line, amount = candidate.line, quantity * credit.unit_price_minor
                line.refunded_quantity += quantity
                line.refunded_minor += amount
                parts[candidate.state.order.pk].append(_Part(str(line.pk), quantity, amount))
        for order_id, of_order in parts.items():
            self._write(states[order_id], credit, of_order)
        return True

    def _write(
        self, state: OrderState, credit: CreditInput, parts: Sequence[_Part], *, shipping_minor: int = 0
    ) -> None:
        refund = OrderRefund(
            order_id=state.order.pk,
            external_id=credit.external_id,
            refunded_at=credit.refunded_at,
            amount_minor=sum(part.amount_minor for part in parts) + shipping_minor,
            shipping_minor=shipping_minor,
            lines=[asdict(part) for part in parts],
        )
        state.refunds.append(refund)
        self.touched[state.order.pk] = state

    def save(self) -> None:
        for state in self.touched.values():
            order = state.order
            recompute_totals(order, state.lines)
            state.revisions.append(revision_make(order, state.lines, reason="refunded", actor=SYSTEM))
            if order.is_backfill:
                self.book.tell_of_history(order)
            else:
                self.book.tell(order, ["order.updated", "order.refunded"])
        self.book.save()


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
    return ids | {order_id for *what, order_id in found if tuple(what) in goods}
