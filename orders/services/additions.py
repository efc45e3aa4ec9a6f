"""Lines that an edit adds to a paid order."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from orders.errors import OrderCancelled, WindowClosed
from orders.locks import lock_order, lock_window
from orders.models import EditWindow, Order, OrderLine, OrderRevision, Variant
from orders.rules import LineAmounts
from orders.services.events import announce
from orders.services.revisions import SYSTEM, Actor, recompute_totals, revision_write
from orders.services.stock import stock_consume, stock_return


@dataclass(frozen=True, slots=True)
class Addition:
    """A line to add; amounts as quoted, of the whole line except the unit price."""

    variant_id: uuid.UUID
    quantity: int
    unit_price_minor: int
    discount_minor: int
    tax_minor: int
    tax_rate_bp: int


def order_apply_additions(
    *, order_id: uuid.UUID, edit_id: uuid.UUID, additions: Sequence[Addition], actor: Actor
) -> OrderRevision:
    """Add the lines, take the stock held for the edit, write the revision. Again for the same edit changes nothing.

    The edit must have been admitted to the window. Raises OrderNotFound, OrderCancelled, and WindowClosed when
    fulfilment has begun meanwhile.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        done = OrderRevision.objects.filter(order=order, edit_id=edit_id).first()
        if done is not None:
            return done
        _check_still_open(order)
        lines = list(order.lines.all())
        lines += _new_lines(order, edit_id, additions, after=len(lines))
        recompute_totals(order, lines)
        stock_consume(edit_id=edit_id)
        revision = revision_write(order, lines, reason="edited", actor=actor, edit_id=edit_id)
        announce(order, "order.edited")
        return revision


def order_undo_additions(*, order_id: uuid.UUID, edit_id: uuid.UUID) -> None:
    """Take the lines of an edit off again, whose money was not taken. Nothing happens if it added none."""
    with transaction.atomic():
        order = lock_order(order_id)
        lines = list(order.lines.all())
        kept = [line for line in lines if line.edit_id != edit_id]
        if len(kept) == len(lines):
            return
        order.lines.filter(edit_id=edit_id).delete()
        recompute_totals(order, kept)
        stock_return(edit_id=edit_id)
        revision_write(order, kept, reason="edit_undone", actor=SYSTEM)
        announce(order, "order.updated")


def _check_still_open(order: Order) -> None:
    if order.status == Order.Status.CANCELLED:
        raise OrderCancelled
    window = lock_window(order.pk)
    if window is None or window.state not in EditWindow.LIVE:
        raise WindowClosed


def _new_lines(order: Order, edit_id: uuid.UUID, additions: Sequence[Addition], *, after: int) -> list[OrderLine]:
    variants = {
        variant.pk: variant
        for variant in Variant.objects.filter(pk__in=[item.variant_id for item in additions]).select_related("product")
    }
    lines = []
    for index, item in enumerate(additions):
        variant = variants[item.variant_id]
        amounts = LineAmounts(item.quantity, item.unit_price_minor, item.discount_minor, item.tax_minor)
        lines.append(
            OrderLine.objects.create(
                order=order,
                external_id=f"edit-{edit_id}-{index + 1}",
                position=after + index,
                variant=variant,
                sku=variant.sku,
                title=variant.product.title,
                variant_title=variant.title,
                picture_url=variant.product.picture_url,
                quantity=item.quantity,
                unit_price_minor=item.unit_price_minor,
                discount_minor=item.discount_minor,
                tax_minor=item.tax_minor,
                tax_rate_bp=item.tax_rate_bp,
                total_minor=amounts.total_minor(tax_inclusive=order.is_tax_inclusive),
                origin=OrderLine.Origin.EDIT,
                edit_id=edit_id,
            )
        )
    return lines
