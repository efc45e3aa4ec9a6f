"""An order's lines as the shop tells them, beside those that were added here."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.db.rows import row_new
from core.ids import uuid7
from orders.inputs import LineInput, OrderInput
from orders.locks import with_keys
from orders.models import OrderLine, Variant
from orders.rules import line_total
from orders.services.ingest.refunds import Refunded
from orders.services.ingest.state import OrderState
from orders.services.validation import Errors


@dataclass(frozen=True, slots=True)
class KnownVariant:
    id: uuid.UUID
    picture_url: str


# By the shop's id of the variant, of one source.
Variants = Mapping[str, KnownVariant]


def variants_of(orders: Sequence[OrderInput]) -> dict[str, dict[str, KnownVariant]]:
    """By source, what is known of the variants that lines name."""
    wanted = {
        (order.source, line.variant_external_id) for order in orders for line in order.lines if line.variant_external_id
    }
    found: dict[str, dict[str, KnownVariant]] = {order.source: {} for order in orders}
    which = with_keys(wanted, source="product__source")
    if which is None:
        return found
    columns = ("product__source", "external_id", "pk", "product__picture_url")
    for source, external_id, pk, picture_url in Variant.objects.filter(which).order_by("pk").values_list(*columns):
        found[source][external_id] = KnownVariant(pk, picture_url)
    return found


def kept_lines(state: OrderState, data: OrderInput) -> dict[str, OrderLine]:
    """Lines that were added here and that the shop does not name stay."""
    named = {line.external_id for line in data.lines}
    return {
        line.external_id: line
        for line in state.lines
        if line.origin == OrderLine.Origin.EDIT and line.external_id not in named
    }


def progress_errors(state: OrderState, data: OrderInput) -> Errors:
    errors: Errors = {}
    stored = {line.external_id: line for line in state.lines}
    for index, item in enumerate(data.lines):
        line = stored.get(item.external_id)
        if line is None or _tells_progress(item):
            continue
        if line.fulfilled_quantity + line.in_progress_quantity > item.quantity:
            errors[f"lines.{index}.quantity"] = ["More is already fulfilled or in progress."]
    return errors


def _tells_progress(item: LineInput) -> bool:
    return bool(item.fulfilled_quantity or item.in_progress_quantity)


def set_lines(state: OrderState, data: OrderInput, variants: Variants, refunded: Refunded) -> None:
    """Lines that the shop names no more are gone; those that were added here stay."""
    stored = {line.external_id: line for line in state.lines}
    kept = kept_lines(state, data) if stored else {}
    for line in kept.values():
        line.refunded_quantity, line.refunded_minor = refunded.of(
            line.external_id, line.refunded_quantity, line.refunded_minor
        )
    lines = []
    for position, item in enumerate(data.lines):
        values = _line_values(item, position, variants, refunded, tax_inclusive=data.tax_inclusive)
        known = stored.get(item.external_id)
        lines.append(_new_line(state, item, values) if known is None else _changed_line(known, item, values))
    state.lines = lines + sorted(kept.values(), key=lambda line: line.position)


def _line_values(
    item: LineInput, position: int, variants: Variants, refunded: Refunded, *, tax_inclusive: bool
) -> dict[str, Any]:
    variant = variants.get(item.variant_external_id) if item.variant_external_id else None
    quantity, amount = refunded.of(item.external_id, item.refunded_quantity, item.refunded_minor)
    return {
        "position": position,
        "variant_id": variant.id if variant else None,
        "sku": item.sku,
        "title": item.title,
        "variant_title": item.variant_title,
        "picture_url": item.picture_url or (variant.picture_url if variant else ""),
        "quantity": item.quantity,
        "refunded_quantity": quantity,
        "unit_price_minor": item.unit_price_minor,
        "discount_minor": item.discount_minor,
        "tax_minor": item.tax_minor,
        "tax_rate_bp": item.tax_rate_bp,
        "total_minor": line_total(item, tax_inclusive=tax_inclusive),
        "refunded_minor": amount,
    }


def _new_line(state: OrderState, item: LineInput, values: dict[str, Any]) -> OrderLine:
    values |= {
        "id": uuid7(),
        "merchant_id": state.order.merchant_id,
        "order_id": state.order.pk,
        "external_id": item.external_id,
        "fulfilled_quantity": item.fulfilled_quantity,
        "in_progress_quantity": item.in_progress_quantity,
        "origin": OrderLine.Origin.CHECKOUT.value if item.edit_id is None else OrderLine.Origin.EDIT.value,
        "edit_id": item.edit_id,
    }
    return row_new(OrderLine, values)


def _changed_line(line: OrderLine, item: LineInput, values: dict[str, Any]) -> OrderLine:
    for name, value in values.items():
        setattr(line, name, value)
    if _tells_progress(item):  # not reported is not undone
        line.fulfilled_quantity = item.fulfilled_quantity
        line.in_progress_quantity = item.in_progress_quantity
    return line
