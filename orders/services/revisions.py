"""Recomputing an order's sums and writing what it was after a change."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from core import clock
from orders.models import Order, OrderLine, OrderRevision
from orders.rules import order_totals


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused a change: `type` as in the audit log (user, api_key, shopper, system)."""

    type: str
    id: str = ""


SYSTEM = Actor("system")


def recompute_totals(order: Order, lines: Sequence[OrderLine]) -> None:
    """Set the order's sums from its lines and shipping."""
    totals = order_totals(
        lines,
        shipping_minor=order.shipping_minor,
        shipping_tax_minor=order.shipping_tax_minor,
        tax_inclusive=order.is_tax_inclusive,
    )
    order.items_minor = totals.items_minor
    order.discount_minor = totals.discount_minor
    order.tax_minor = totals.tax_minor
    order.total_minor = totals.total_minor
    order.refunded_minor = sum([line.refunded_minor for line in lines]) + order.shipping_refunded_minor


def revision_write(
    order: Order, lines: Sequence[OrderLine], *, reason: str, actor: Actor, edit_id: uuid.UUID | None = None
) -> OrderRevision:
    """Count the order's version up, save it, and keep the immutable picture of it."""
    revision = revision_make(order, lines, reason=reason, actor=actor, edit_id=edit_id)
    order.save()
    revision.save(force_insert=True)
    return revision


def revision_make(
    order: Order, lines: Sequence[OrderLine], *, reason: str, actor: Actor, edit_id: uuid.UUID | None = None
) -> OrderRevision:
    """The same for who saves order and revision together with others."""
    order.version += 1
    order.updated_at = clock.now()
    return OrderRevision(
        order_id=order.pk,
        version=order.version,
        reason=reason,
        actor_type=actor.type,
        actor_id=actor.id,
        edit_id=edit_id,
        total_minor=order.total_minor,
        snapshot=snapshot(order, lines),
        created_at=order.updated_at,
    )


def snapshot(order: Order, lines: Sequence[OrderLine]) -> dict[str, object]:
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
        "shipping_refunded_minor": order.shipping_refunded_minor,
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
