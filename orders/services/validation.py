"""What an incoming order must satisfy before anything is written."""

from datetime import datetime, timedelta
from decimal import Decimal

from core import clock
from core.money import MAX_MINOR, exponent, to_decimal
from orders.errors import FxRateRequired, InvalidOrder, TotalMismatch
from orders.inputs import LineInput, OrderInput
from orders.models import Order
from orders.rules import LineAmounts, OrderTotals, order_totals

# In the shop's currency; thousands of such orders can still be summed.
MAX_WORTH_MINOR = 1000 * MAX_MINOR
# Clocks of shops differ a little from ours.
FUTURE_TOLERANCE = timedelta(minutes=5)


def line_amounts(line: LineInput) -> LineAmounts:
    return LineAmounts(line.quantity, line.unit_price_minor, line.discount_minor, line.tax_minor)


def input_totals(data: OrderInput) -> OrderTotals:
    return order_totals(
        [line_amounts(line) for line in data.lines],
        shipping_minor=data.shipping_minor,
        shipping_tax_minor=data.shipping_tax_minor,
        tax_inclusive=data.tax_inclusive,
    )


def order_check(data: OrderInput, *, merchant_currency: str) -> Decimal:
    """Raise InvalidOrder, TotalMismatch or FxRateRequired; returns the frozen rate to the merchant's currency."""
    errors: dict[str, list[str]] = {}
    if not data.lines:
        errors["lines"] = ["Send at least one line."]
    ids = [line.external_id for line in data.lines]
    if len(set(ids)) != len(ids):
        errors["lines"] = ["Two lines have the same external_id."]
    for index, line in enumerate(data.lines):
        errors.update(_line_errors(f"lines.{index}", line, tax_inclusive=data.tax_inclusive))
    if data.tax_inclusive and data.shipping_tax_minor > data.shipping_minor:
        errors["shipping.tax"] = ["The tax is larger than the price that it is in."]
    errors.update(_time_errors(data))
    for index, tender in enumerate(data.tenders):
        if tender.captured_minor > tender.amount_minor:
            errors[f"tenders.{index}.captured"] = ["More is captured than the amount."]
    if errors:
        raise InvalidOrder(field_errors=errors)
    computed = input_totals(data).total_minor
    if computed != data.total_minor:
        raise TotalMismatch(
            stated=to_decimal(data.total_minor, data.currency), computed=to_decimal(computed, data.currency)
        )
    return _fx_rate(data, merchant_currency)


def order_check_change(order: Order, data: OrderInput) -> None:
    """What was quoted, charged and added here since payment is counted in the order's money. Raises InvalidOrder."""
    errors: dict[str, list[str]] = {}
    if data.currency != order.currency:
        errors["currency"] = [f"The order was paid in {order.currency}; it keeps its currency."]
    if data.tax_inclusive != order.is_tax_inclusive:
        errors["tax_inclusive"] = ["The order is paid; its prices stay with or without tax as they were."]
    if errors:
        raise InvalidOrder(field_errors=errors)


def _line_errors(path: str, line: LineInput, *, tax_inclusive: bool) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if line.quantity < 1:
        errors[f"{path}.quantity"] = ["The quantity is at least 1."]
    if line.fulfilled_quantity + line.in_progress_quantity > line.quantity:
        errors[f"{path}.fulfilled_quantity"] = ["More is fulfilled and in progress than was ordered."]
    if line.refunded_quantity > line.quantity:
        errors[f"{path}.refunded_quantity"] = ["More is refunded than was ordered."]
    if line.discount_minor > line.unit_price_minor * line.quantity:
        errors[f"{path}.discount"] = ["The discount is larger than the price of the line."]
    elif tax_inclusive and line.tax_minor > line_amounts(line).total_minor(tax_inclusive=True):
        errors[f"{path}.tax"] = ["The tax is larger than the price that it is in."]
    elif line.refunded_minor > line_amounts(line).total_minor(tax_inclusive=tax_inclusive):
        errors[f"{path}.refunded"] = ["More is refunded than the line's total."]
    return errors


def _time_errors(data: OrderInput) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    latest = clock.now() + FUTURE_TOLERANCE
    times: dict[str, datetime | None] = {
        "placed_at": data.placed_at,
        "paid_at": data.paid_at,
        "cancelled_at": data.cancelled_at,
        "fulfilment_started_at": data.fulfilment_started_at,
        "fulfilled_at": data.fulfilled_at,
        "delivered_at": data.delivered_at,
    }
    for name, at in times.items():
        if at is not None and at > latest:
            errors[name] = ["This time is in the future."]
        elif at is not None and at < data.placed_at:
            errors[name] = ["This is before the order was placed."]
    return errors


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
