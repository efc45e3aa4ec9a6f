"""An order from the shop: created or brought up to date as a whole, newest version wins."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from core import clock, outbox
from core.tenancy import require_merchant_id
from merchants.models import Merchant
from orders.errors import InvalidOrder
from orders.inputs import LineInput, OrderInput
from orders.locks import lock_window
from orders.models import EditWindow, Order, OrderLine, OrderTender, Variant
from orders.services.customers import address_keep, customer_upsert, normalise
from orders.services.revisions import SYSTEM, Actor, recompute_totals, revision_write
from orders.services.validation import input_totals, line_amounts, order_check, order_check_change
from orders.services.windows import end_window, window_open


@dataclass(frozen=True, slots=True)
class UpsertResult:
    """`applied` is False when the version was not newer than what is stored: nothing was changed."""

    order: Order
    created: bool
    applied: bool


@dataclass(frozen=True, slots=True)
class _Before:
    """What events are derived from: the order as it was."""

    paid: bool
    cancelled: bool
    started: bool
    fulfilled: bool
    delivered: bool
    refunded_minor: int


def order_upsert(*, data: OrderInput, actor: Actor = SYSTEM) -> UpsertResult:
    """Store the shop's order in the open scope. The same or an older version changes nothing; lines that were added
    here after checkout stay. Raises InvalidOrder, TotalMismatch, FxRateRequired.
    """
    merchant = Merchant.objects.get(pk=require_merchant_id())
    fx_rate = order_check(data, merchant_currency=merchant.currency)
    with transaction.atomic():
        order, created = _get_or_create(data)
        if not created and data.version <= order.external_version:
            return UpsertResult(order, created=False, applied=False)
        before = _before(order)
        if before.paid:
            order_check_change(order, data)
        else:
            order.fx_rate = fx_rate
        _set_header(order, data)
        lines = _set_lines(order, data)
        _imply_progress(order, lines)
        recompute_totals(order, lines)
        if not before.paid:  # the checkout is over once the order is paid
            order.checkout_total_minor = data.total_minor
            order.checkout_net_minor = input_totals(data).net_minor
        revision_write(order, lines, reason="ingested" if created else "updated", actor=actor)
        _set_tenders(order, data)
        _announce(order, before, created=created)
        _move_window(order, merchant)
        return UpsertResult(order, created=created, applied=True)


def _get_or_create(data: OrderInput) -> tuple[Order, bool]:
    key = {"merchant_id": require_merchant_id(), "source": data.source, "external_id": data.external_id}
    order = Order.objects.select_for_update().filter(**key).first()
    if order is not None:
        return order, False
    order = Order(**key, external_version=data.version, number=data.number, currency=data.currency)
    order.placed_at = data.placed_at
    order.number_normalised = normalise(data.number)
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:  # the same order arrived in two requests at once
        return Order.objects.select_for_update().get(**key), False
    return order, True


def _before(order: Order) -> _Before:
    return _Before(
        paid=order.paid_at is not None,
        cancelled=order.cancelled_at is not None,
        started=order.fulfilment_started_at is not None,
        fulfilled=order.fulfilled_at is not None,
        delivered=order.delivered_at is not None,
        refunded_minor=order.refunded_minor,
    )


def _set_header(order: Order, data: OrderInput) -> None:
    order.external_version = data.version
    order.number = data.number
    order.number_normalised = normalise(data.number)
    if data.customer is not None:
        order.customer, _ = customer_upsert(source=data.source, data=data.customer)
    order.currency = data.currency
    order.is_tax_inclusive = data.tax_inclusive
    order.shipping_title = data.shipping_title
    order.shipping_minor = data.shipping_minor
    order.shipping_tax_minor = data.shipping_tax_minor
    order.shipping_address = address_keep(order.shipping_address, data.shipping_address)
    order.billing_address = address_keep(order.billing_address, data.billing_address)
    order.placed_at = data.placed_at
    for field in ("paid_at", "fulfilment_started_at", "fulfilled_at", "delivered_at", "cancelled_at"):
        setattr(order, field, _keep(getattr(order, field), getattr(data, field)))
    if order.cancelled_at is not None:
        order.status = Order.Status.CANCELLED
    order.sales_channel = data.sales_channel
    order.landing_utm = data.landing_utm
    order.tags = list(data.tags)
    order.risk_level = data.risk_level
    order.is_test = data.is_test
    order.is_backfill = data.is_backfill


def _keep(known: datetime | None, sent: datetime | None) -> datetime | None:
    """What has happened does not un-happen because a shop leaves the time out."""
    return sent if sent is not None else known


def _imply_progress(order: Order, lines: list[OrderLine]) -> None:
    """What arrived was sent, and what was sent was begun, also where the shop tells only the quantities."""
    order.fulfilled_at = order.fulfilled_at or order.delivered_at
    order.fulfilment_started_at = order.fulfilment_started_at or order.fulfilled_at
    if order.fulfilment_started_at is None and any(
        line.fulfilled_quantity or line.in_progress_quantity for line in lines
    ):
        order.fulfilment_started_at = clock.now()


def _set_lines(order: Order, data: OrderInput) -> list[OrderLine]:
    existing = {line.external_id: line for line in order.lines.all()}
    variants = _variants(data)
    lines: list[OrderLine] = []
    for position, item in enumerate(data.lines):
        line = existing.pop(item.external_id, None) or OrderLine(order=order, external_id=item.external_id)
        _set_line(line, item, position, variants, tax_inclusive=data.tax_inclusive)
        line.save()
        lines.append(line)
    added_here = [line for line in existing.values() if line.origin == OrderLine.Origin.EDIT]
    gone = [line.pk for line in existing.values() if line.origin == OrderLine.Origin.CHECKOUT]
    if gone:
        OrderLine.objects.filter(pk__in=gone).delete()
    return lines + sorted(added_here, key=lambda line: line.position)


def _set_line(
    line: OrderLine, item: LineInput, position: int, variants: dict[str, Variant], *, tax_inclusive: bool
) -> None:
    variant = variants.get(item.variant_external_id or "")
    line.position = position
    line.variant = variant
    line.sku = item.sku
    line.title = item.title
    line.variant_title = item.variant_title
    line.picture_url = item.picture_url or (variant.product.picture_url if variant else "")
    line.quantity = item.quantity
    if item.fulfilled_quantity or item.in_progress_quantity:  # not reported is not undone
        line.fulfilled_quantity = item.fulfilled_quantity
        line.in_progress_quantity = item.in_progress_quantity
    if line.fulfilled_quantity + line.in_progress_quantity > line.quantity:
        raise InvalidOrder(field_errors={f"lines.{position}.quantity": ["More is already fulfilled or in progress."]})
    line.refunded_quantity = item.refunded_quantity
    line.unit_price_minor = item.unit_price_minor
    line.discount_minor = item.discount_minor
    line.tax_minor = item.tax_minor
    line.tax_rate_bp = item.tax_rate_bp
    line.total_minor = line_amounts(item).total_minor(tax_inclusive=tax_inclusive)
    line.refunded_minor = item.refunded_minor


def _variants(data: OrderInput) -> dict[str, Variant]:
    ids = {line.variant_external_id for line in data.lines if line.variant_external_id}
    found = Variant.objects.filter(product__source=data.source, external_id__in=ids).select_related("product")
    return {variant.external_id: variant for variant in found}


def _set_tenders(order: Order, data: OrderInput) -> None:
    """Replaced as a whole; an update that names none keeps them, and with them the card on file."""
    if not data.tenders:
        return
    OrderTender.objects.filter(order=order).delete()
    OrderTender.objects.bulk_create(
        OrderTender(
            order=order,
            position=position,
            kind=tender.kind,
            provider=tender.provider,
            provider_customer=tender.provider_customer,
            provider_payment_method=tender.provider_payment_method,
            brand=tender.brand,
            last4=tender.last4,
            amount_minor=tender.amount_minor,
            captured_minor=tender.captured_minor,
            redemption_ref=tender.redemption_ref,
        )
        for position, tender in enumerate(data.tenders)
    )


def _announce(order: Order, before: _Before, *, created: bool) -> None:
    events = ["order.placed" if created else "order.updated"]
    if order.paid_at and not before.paid:
        events.append("order.paid")
    if order.refunded_minor > before.refunded_minor:
        events.append("order.refunded")
    if order.cancelled_at and not before.cancelled:
        events.append("order.cancelled")
    if order.fulfilment_started_at and not before.started:
        events.append("order.fulfilment_started")
    if order.fulfilled_at and not before.fulfilled:
        events.append("order.fulfilled")
    if order.delivered_at and not before.delivered:
        events.append("order.delivered")
    for event in events:
        announce(order, event)


def announce(order: Order, event: str) -> None:
    """Publish an event of the order. `backfill` tells subscribers that it is history and triggers nothing."""
    payload = {"order_id": str(order.pk), "version": order.version, "backfill": order.is_backfill}
    outbox.publish(event, aggregate_type="order", aggregate_id=order.pk, payload=payload)


def _move_window(order: Order, merchant: Merchant) -> None:
    window = lock_window(order.pk)
    ended_by = _ended_by(order)
    if window is not None and window.state in EditWindow.LIVE and ended_by:
        end_window(window, ended_by)
    if window is None and order.is_paid and not ended_by and not order.is_backfill:
        window_open(order=order, merchant=merchant)


def _ended_by(order: Order) -> str:
    if order.cancelled_at:
        return EditWindow.Reason.CANCELLED
    if order.fulfilment_started_at or order.fulfilled_at:
        return EditWindow.Reason.FULFILMENT_STARTED
    return ""
