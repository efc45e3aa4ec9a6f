"""What is given back of an order: the sum of its refunds, or more where the shop tells only sums."""

from collections import defaultdict
from dataclasses import dataclass

from core.ids import uuid7
from orders.inputs import OrderInput, RefundInput
from orders.models import OrderLine, OrderRefund
from orders.rules import line_total
from orders.services.ingest.state import OrderState
from orders.services.validation import Errors, shipping_total


@dataclass(frozen=True, slots=True)
class Refunded:
    """Of each line (by the shop's id) quantity and amount, and of shipping; with the refunds not known yet."""

    lines: dict[str, tuple[int, int]]
    shipping_minor: int
    new: tuple[RefundInput, ...]

    def of(self, line_external_id: str, quantity: int, amount_minor: int) -> tuple[int, int]:
        """What a line shows: what was said of it, but no less than its refunds."""
        counted = self.lines.get(line_external_id)
        return (max(quantity, counted[0]), max(amount_minor, counted[1])) if counted else (quantity, amount_minor)


NOTHING = Refunded({}, 0, ())


def refunded_after(state: OrderState | None, data: OrderInput) -> Refunded:
    stored = state.refunds if state else []
    if not stored and not data.refunds:
        return NOTHING
    names = {str(line.pk): line.external_id for line in state.lines} if state else {}
    known = {refund.external_id for refund in stored}
    new = tuple(refund for refund in data.refunds if refund.external_id not in known)
    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in stored:
        for part in row.lines:
            _add(sums, names.get(part["line_id"], ""), part["quantity"], part["amount_minor"])
    for refund in new:
        for line in refund.lines:
            _add(sums, line.line_external_id, line.quantity, line.amount_minor)
    shipping = sum(row.shipping_minor for row in stored) + sum(refund.shipping_minor for refund in new)
    return Refunded(dict(sums), shipping, new)


def _add(sums: dict[str, tuple[int, int]], name: str, quantity: int, amount_minor: int) -> None:
    before = sums[name]
    sums[name] = before[0] + quantity, before[1] + amount_minor


def refund_errors(data: OrderInput, kept: dict[str, OrderLine], refunded: Refunded) -> Errors:
    """What the refunds say that the lines cannot bear. `kept` are lines of the order that the shop does not name."""
    errors: Errors = {}
    if refunded is NOTHING:
        return errors
    names = {line.external_id for line in data.lines} | set(kept)
    for index, refund in enumerate(refunded.new):
        for place, part in enumerate(refund.lines):
            if part.line_external_id not in names:
                errors[f"refunds.{index}.lines.{place}.line_external_id"] = ["The order has no such line."]
    for index, item in enumerate(data.lines):
        quantity, amount = refunded.of(item.external_id, item.refunded_quantity, item.refunded_minor)
        if quantity > item.quantity:
            errors[f"lines.{index}.refunded_quantity"] = ["Its refunds together are for more than was ordered."]
        if amount > line_total(item, tax_inclusive=data.tax_inclusive):
            errors[f"lines.{index}.refunded"] = ["Its refunds together are more than the line's total."]
    for line in kept.values():
        quantity, amount = refunded.of(line.external_id, 0, 0)
        if quantity > line.quantity or amount > line.total_minor:
            errors["refunds"] = [f"More is refunded of line {line.external_id} than was paid for it."]
    if refunded.shipping_minor > shipping_total(data):
        errors["shipping_refunded"] = ["The refunds together are more than was paid for shipping."]
    return errors


def refund_rows(state: OrderState, new: tuple[RefundInput, ...]) -> list[OrderRefund]:
    """For lines that are in place already."""
    ids = {line.external_id: str(line.pk) for line in state.lines}
    return [
        OrderRefund(
            id=uuid7(),
            order_id=state.order.pk,
            external_id=refund.external_id,
            refunded_at=refund.refunded_at,
            amount_minor=sum(part.amount_minor for part in refund.lines) + refund.shipping_minor,
            shipping_minor=refund.shipping_minor,
            lines=[
                {"line_id": ids[part.line_external_id], "quantity": part.quantity, "amount_minor": part.amount_minor}
                for part in refund.lines
            ],
        )
        for refund in new
    ]
