"""Putting a change together: a draft, its items, and the exact price. Nothing here touches the order or money."""

import uuid
from dataclasses import asdict
from datetime import timedelta

from django.db import transaction

from core import clock
from editing.errors import CurrencyNotOffered, EditEmpty, EditFinished, InvalidQuantity, NotForSale
from editing.locks import lock_session
from editing.models import EditOperation, EditSession, EditTransition, Quote
from editing.rules import (
    MOST_UNITS,
    AddItem,
    EditState,
    OrderContext,
    PaidLine,
    QuoteFigures,
    price_additions,
)
from editing.selectors import edit_session_draft, quote_latest
from orders.errors import OrderCancelled, OrderNotFound, SoldOut, WindowClosed
from orders.models import EditWindow, Order, Product, Variant
from orders.services.revisions import Actor

QUOTE_LIFETIME = timedelta(minutes=10)
# A quote with less time left than this is made anew, so that there is time to read it.
QUOTE_RENEWAL = timedelta(minutes=2)


def edit_session_open(*, order_id: uuid.UUID, actor: Actor) -> EditSession:
    """The actor's draft for this order: the one at hand, or a new one.

    Raises OrderNotFound, WindowClosed, OrderCancelled.
    """
    order = _editable_order(order_id)
    draft = edit_session_draft(order_id=order_id, actor_id=actor.id)
    if draft is not None:
        return draft
    with transaction.atomic():
        session = EditSession.objects.create(
            order=order, actor_type=actor.type, actor_id=actor.id, currency=order.currency, created_at=clock.now()
        )
        EditTransition.objects.create(
            session=session, after=EditState.DRAFT, actor_type=actor.type, actor_id=actor.id, at=clock.now()
        )
    return session


def _editable_order(order_id: uuid.UUID) -> Order:
    order = Order.objects.select_related("window").filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    if order.status == Order.Status.CANCELLED:
        raise OrderCancelled
    window: EditWindow | None = getattr(order, "window", None)
    if window is None or not window.is_open:
        raise WindowClosed
    return order


def edit_operation_set(*, session_id: uuid.UUID, variant_id: uuid.UUID, quantity: int) -> None:
    """Set how many units of a variant the change adds; 0 takes it out again.

    Raises EditNotFound, EditFinished, InvalidQuantity, NotForSale, CurrencyNotOffered, SoldOut.
    """
    if not 0 <= quantity <= MOST_UNITS:
        raise InvalidQuantity(most=MOST_UNITS)
    with transaction.atomic():
        session = lock_session(session_id)
        if session.state != EditState.DRAFT:
            raise EditFinished
        if quantity == 0:
            EditOperation.objects.filter(session=session, variant_id=variant_id).delete()
            return
        variant = Variant.objects.select_related("product").filter(pk=variant_id).first()
        if variant is None or not _is_for_sale(variant):
            raise NotForSale
        if variant.currency != session.currency:
            raise CurrencyNotOffered(title=str(variant), currency=session.currency)
        available = variant.available_quantity
        if available is not None and available < quantity:
            raise SoldOut(title=str(variant))
        EditOperation.objects.update_or_create(
            session=session,
            variant=variant,
            defaults={"quantity": quantity},
            create_defaults={"quantity": quantity, "created_at": clock.now()},
        )


def _is_for_sale(variant: Variant) -> bool:
    return variant.is_active and variant.product.status == Product.Status.ACTIVE


def quote_current(*, session_id: uuid.UUID) -> Quote:
    """The price of the draft as it stands: the latest quote while it is true and fresh, else a new one.

    Raises EditNotFound, EditFinished, EditEmpty, NotForSale.
    """
    with transaction.atomic():
        session = lock_session(session_id)
        if session.state != EditState.DRAFT:
            raise EditFinished
        figures = quote_figures(session)
        latest = quote_latest(session_id)
        at = clock.now()
        if latest is not None and latest.hash == figures.hash() and latest.expires_at - at > QUOTE_RENEWAL:
            return latest
        return Quote.objects.create(
            session=session,
            hash=figures.hash(),
            order_version=figures.order_version,
            currency=figures.currency,
            lines=[asdict(line) for line in figures.lines],
            items_minor=figures.items_minor,
            tax_minor=figures.tax_minor,
            shipping_minor=figures.shipping_minor,
            due_minor=figures.due_minor,
            new_total_minor=figures.new_total_minor,
            created_at=at,
            expires_at=at + QUOTE_LIFETIME,
        )


def quote_figures(session: EditSession) -> QuoteFigures:
    """Price the draft at today's catalogue, without writing anything. Raises EditEmpty, NotForSale."""
    operations = list(session.operations.select_related("variant__product"))
    if not operations:
        raise EditEmpty
    for variant in (operation.variant for operation in operations):
        # The shop may have given it a price in another currency since it was chosen.
        if not _is_for_sale(variant) or variant.currency != session.currency:
            raise NotForSale
    return price_additions([_add_item(operation) for operation in operations], order_context(session.order))


def _add_item(operation: EditOperation) -> AddItem:
    variant = operation.variant
    return AddItem(
        variant_id=variant.pk,
        title=variant.product.title,
        variant_title=variant.title,
        quantity=operation.quantity,
        unit_price_minor=variant.price_minor,
        tax_rate_bp=variant.tax_rate_bp,
    )


def order_context(order: Order) -> OrderContext:
    return OrderContext(
        currency=order.currency,
        version=order.version,
        total_minor=order.total_minor,
        is_tax_inclusive=order.is_tax_inclusive,
        lines=tuple(PaidLine(line.net_minor, line.tax_rate_bp) for line in order.lines.all()),
    )
