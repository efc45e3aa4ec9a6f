"""Recomputing an order's sums and writing what it was after a change."""

import uuid
from dataclasses import dataclass

from core import clock
from orders.models import Order, OrderLine, OrderRevision
from orders.rules import LineAmounts, order_totals


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused a change: `type` as in the audit log (user, api_key, shopper, system)."""

    type: str
    id: str = ""


SYSTEM = Actor("system")


def recompute_totals(order: Order, lines: list[OrderLine]) -> None:
    """Set the order's sums from its lines and shipping."""
    totals = order_totals(
        [LineAmounts(line.quantity, line.unit_price_minor, line.discount_minor, line.tax_minor) for line in lines],
        shipping_minor=order.shipping_minor,
        shipping_tax_minor=order.shipping_tax_minor,
        tax_inclusive=order.is_tax_inclusive,
    )
    order.items_minor = totals.items_minor
    order.discount_minor = totals.discount_minor
    order.tax_minor = totals.tax_minor
    order.total_minor = totals.total_minor
    order.refunded_minor = sum(line.refunded_minor for line in lines)


def revision_write(
    order: Order, lines: list[OrderLine], *, reason: str, actor: Actor, edit_id: uuid.UUID | None = None
) -> OrderRevision:
    """Count the order's version up, save it, and keep the immutable picture of it."""
    order.version += 1
    order.updated_at = clock.now()
    order.save()
    return OrderRevision.objects.create(
        order=order,
        version=order.version,
        reason=reason,
        actor_type=actor.type,
        actor_id=actor.id,
        edit_id=edit_id,
        total_minor=order.total_minor,
        snapshot=snapshot(order, lines),
        created_at=order.updated_at,
    )


def snapshot(order: Order, lines: list[OrderLine]) -> dict[str, object]:
    """Ids and amounts of the whole order; no personal data."""
    return {
        "status": order.status,
        "currency": order.currency,
        "external_version": order.external_version,
        "customer_id": str(order.customer_id) if order.customer_id else None,
        "shipping_address_id": str(order.shipping_address_id) if order.shipping_address_id else None,
        "billing_address_id": str(order.billing_address_id) if order.billing_address_id else None,
        "items_minor": order.items_minor,
        "discount_minor": order.discount_minor,
        "shipping_minor": order.shipping_minor,
        "shipping_tax_minor": order.shipping_tax_minor,
        "tax_minor": order.tax_minor,
        "total_minor": order.total_minor,
        "refunded_minor": order.refunded_minor,
        "lines": [
            {
                "id": str(line.pk),
                "external_id": line.external_id,
                "variant_id": str(line.variant_id) if line.variant_id else None,
                "title": line.title,
                "variant_title": line.variant_title,
                "quantity": line.quantity,
                "fulfilled_quantity": line.fulfilled_quantity,
                "in_progress_quantity": line.in_progress_quantity,
                "refunded_quantity": line.refunded_quantity,
                "unit_price_minor": line.unit_price_minor,
                "discount_minor": line.discount_minor,
                "tax_minor": line.tax_minor,
                "total_minor": line.total_minor,
                "refunded_minor": line.refunded_minor,
                "origin": line.origin,
                "edit_id": str(line.edit_id) if line.edit_id else None,
            }
            for line in lines
        ],
    }
