"""What an incoming order must satisfy before anything is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core import clock
from core.money import MAX_MINOR, exponent, to_decimal
from orders.errors import FxRateRequired, InvalidOrder, TotalMismatch
from orders.inputs import LineInput, OrderInput
from orders.models import Order
from orders.rules import OrderTotals, line_total, order_totals

# In the shop's currency; thousands of such orders can still be summed.
MAX_WORTH_MINOR = 1000 * MAX_MINOR

Errors = dict[str, list[str]]
_NEGATIVE = ["This cannot be negative."]


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """An order that is sound in itself, with what was computed on the way."""

    data: OrderInput
    fx_rate: Decimal  # to the merchant's currency, frozen
    totals: OrderTotals


def input_totals(data: OrderInput) -> OrderTotals:
    return order_totals(
        data.lines,
        shipping_minor=data.shipping_minor,
        shipping_tax_minor=data.shipping_tax_minor,
        tax_inclusive=data.tax_inclusive,
    )


def shipping_total(data: OrderInput) -> int:
    """What shipping adds to the order's total."""
    return data.shipping_minor if data.tax_inclusive else data.shipping_minor + data.shipping_tax_minor


def order_check(data: OrderInput, *, merchant_currency: str) -> CheckedOrder:
    """What an order says without regard to what is stored. Raises InvalidOrder, TotalMismatch or FxRateRequired."""
    errors: Errors = {}
    if not data.lines:
        errors["lines"] = ["Send at least one line."]
    if len({line.external_id for line in data.lines}) != len(data.lines):
        errors["lines"] = ["Two lines have the same external_id."]
    for index, line in enumerate(data.lines):
        _check_line(errors, index, line, tax_inclusive=data.tax_inclusive)
    _check_shipping(errors, data)
    _check_times(errors, data)
    _check_refunds(errors, data)
    if data.customer is not None and not data.customer.external_id:
        errors["customer.external_id"] = ["Send the shop's id of the customer."]
    for index, tender in enumerate(data.tenders):
        if tender.captured_minor > tender.amount_minor:
            errors[f"tenders.{index}.captured"] = ["More is captured than the amount."]
    if errors:
        raise InvalidOrder(field_errors=errors)
    totals = input_totals(data)
    if totals.total_minor != data.total_minor:
        raise TotalMismatch(
            stated=to_decimal(data.total_minor, data.currency), computed=to_decimal(totals.total_minor, data.currency)
        )
    return CheckedOrder(data, _fx_rate(data, merchant_currency), totals)


def order_check_change(order: Order, data: OrderInput) -> None:
    """What was quoted, charged and added here since payment is counted in the order's money. Raises InvalidOrder."""
    errors: Errors = {}
    if data.currency != order.currency:
        errors["currency"] = [f"The order was paid in {order.currency}; it keeps its currency."]
    if data.tax_inclusive != order.is_tax_inclusive:
        errors["tax_inclusive"] = ["The order is paid; its prices stay with or without tax as they were."]
    if errors:
        raise InvalidOrder(field_errors=errors)


def _check_line(errors: Errors, index: int, line: LineInput, *, tax_inclusive: bool) -> None:
    """Called for every line of every file: what is right costs a few comparisons."""
    total = line_total(line, tax_inclusive=tax_inclusive)
    is_right = (
        line.quantity > 0
        and 0 <= line.discount_minor <= line.unit_price_minor * line.quantity
        and 0 <= line.refunded_quantity <= line.quantity
        and 0 <= line.refunded_minor <= total
        and (0 <= line.tax_minor <= total or not tax_inclusive)
        and line.fulfilled_quantity + line.in_progress_quantity <= line.quantity
        and min(line.unit_price_minor, line.tax_minor, line.fulfilled_quantity, line.in_progress_quantity) >= 0
    )
    if not is_right:
        errors.update({f"lines.{index}.{name}": found for name, found in _line_errors(line, total, tax_inclusive)})


def _line_errors(line: LineInput, total: int, tax_inclusive: bool) -> Iterable[tuple[str, list[str]]]:
    amounts = {
        "unit_price": line.unit_price_minor,
        "discount": line.discount_minor,
        "tax": line.tax_minor,
        "refunded": line.refunded_minor,
        "fulfilled_quantity": line.fulfilled_quantity,
        "in_progress_quantity": line.in_progress_quantity,
        "refunded_quantity": line.refunded_quantity,
    }
    yield from ((name, _NEGATIVE) for name, amount in amounts.items() if amount < 0)
    if line.quantity < 1:
        yield "quantity", ["The quantity is at least 1."]
    if line.fulfilled_quantity + line.in_progress_quantity > line.quantity:
        yield "fulfilled_quantity", ["More is fulfilled and in progress than was ordered."]
    if line.refunded_quantity > line.quantity:
        yield "refunded_quantity", ["More is refunded than was ordered."]
    if line.discount_minor > line.unit_price_minor * line.quantity:
        yield "discount", ["The discount is larger than the price of the line."]
    elif tax_inclusive and line.tax_minor > total:
        yield "tax", ["The tax is larger than the price that it is in."]
    elif line.refunded_minor > total:
        yield "refunded", ["More is refunded than the line's total."]


def _check_shipping(errors: Errors, data: OrderInput) -> None:
    if data.tax_inclusive and data.shipping_tax_minor > data.shipping_minor:
        errors["shipping.tax"] = ["The tax is larger than the price that it is in."]
    if data.shipping_refunded_minor > shipping_total(data):
        errors["shipping_refunded"] = ["More is refunded than was paid for shipping."]
    amounts = {
        "shipping.price": data.shipping_minor,
        "shipping.tax": data.shipping_tax_minor,
        "shipping_refunded": data.shipping_refunded_minor,
        "checkout_total": data.checkout_total_minor or 0,
        "checkout_net": data.checkout_net_minor or 0,
    }
    errors.update({name: _NEGATIVE for name, amount in amounts.items() if amount < 0})


def _check_times(errors: Errors, data: OrderInput) -> None:
    latest = clock.now() + clock.TOLERANCE
    times: dict[str, datetime | None] = {
        "placed_at": data.placed_at,
        "paid_at": data.paid_at,
        "cancelled_at": data.cancelled_at,
        "fulfilment_started_at": data.fulfilment_started_at,
        "fulfilled_at": data.fulfilled_at,
        "delivered_at": data.delivered_at,
        **{f"refunds.{index}.refunded_at": refund.refunded_at for index, refund in enumerate(data.refunds)},
    }
    for name, at in times.items():
        if at is not None and at > latest:
            errors[name] = ["This time is in the future."]
        elif at is not None and at < data.placed_at:
            errors[name] = ["This is before the order was placed."]


def _check_refunds(errors: Errors, data: OrderInput) -> None:
    if len({refund.external_id for refund in data.refunds}) != len(data.refunds):
        errors["refunds"] = ["Two refunds have the same external_id."]
    for index, refund in enumerate(data.refunds):
        path = f"refunds.{index}"
        if refund.shipping_minor < 0:
            errors[f"{path}.shipping"] = _NEGATIVE
        if len({line.line_external_id for line in refund.lines}) != len(refund.lines):
            errors[f"{path}.lines"] = ["A refund names each line once."]
        for place, line in enumerate(refund.lines):
            if line.quantity < 0:
                errors[f"{path}.lines.{place}.quantity"] = _NEGATIVE
            if line.amount_minor < 0:
                errors[f"{path}.lines.{place}.amount"] = _NEGATIVE


def _fx_rate(data: OrderInput, merchant_currency: str) -> Decimal:
    if data.currency == merchant_currency:
        return Decimal(1)
    if data.fx_rate is None:
        raise FxRateRequired(currency=data.currency, merchant_currency=merchant_currency)
    if data.fx_rate <= 0:
        raise InvalidOrder(field_errors={"fx_rate": ["The rate is above zero."]})
    worth = to_decimal(data.total_minor, data.currency) * data.fx_rate
    if worth.scaleb(exponent(merchant_currency)) > MAX_WORTH_MINOR:
        raise InvalidOrder(
            field_errors={"fx_rate": [f"At this rate the order is worth {worth:.0f} {merchant_currency}."]}
        )
    return data.fx_rate
