"""One order as its shop tells it, put into what is known of it. In memory: nothing is half done when it is refused."""

import uuid
from datetime import datetime
from operator import attrgetter

from core import clock
from orders.errors import InvalidOrder
from orders.inputs import AddressInput, OrderInput
from orders.models import Address, Customer, Order, OrderTender
from orders.services.customers import address_after, normalise
from orders.services.ingest.lines import Variants, kept_lines, progress_errors, set_lines
from orders.services.ingest.refunds import Refunded, refund_errors, refund_rows
from orders.services.ingest.state import OrderState
from orders.services.revisions import recompute_totals
from orders.services.validation import CheckedOrder, order_check_change

_tender_values = attrgetter(
    "kind",
    "provider",
    "provider_customer",
    "provider_payment_method",
    "brand",
    "last4",
    "amount_minor",
    "captured_minor",
    "redemption_ref",
)
_TIMES = ("paid_at", "fulfilment_started_at", "fulfilled_at", "delivered_at", "cancelled_at")


def check_change(state: OrderState | None, data: OrderInput, refunded: Refunded) -> None:
    """What cannot be said of an order as it is. Raises InvalidOrder."""
    errors = {}
    if state is not None:
        if state.order.is_paid:
            order_check_change(state.order, data)
        errors = progress_errors(state, data)
    errors |= refund_errors(data, kept_lines(state, data) if state else {}, refunded)
    if errors:
        raise InvalidOrder(field_errors=errors)


def put(
    state: OrderState, checked: CheckedOrder, customer: Customer | None, variants: Variants, refunded: Refunded
) -> None:
    """Change the state to what the shop tells; `external_version` is left to the caller."""
    order, data, was_paid = state.order, checked.data, state.order.is_paid
    if not was_paid:
        order.fx_rate = checked.fx_rate
    if customer is not None:
        order.customer = customer
    _set_header(order, data)
    if not state.is_erased:
        _set_words(order, data)
        _set_addresses(state, data)
        _set_tenders(state, data)
    set_lines(state, data, variants, refunded)
    if refunded.new:
        state.refunds = [*state.refunds, *refund_rows(state, refunded.new)]
    order.shipping_refunded_minor = max(data.shipping_refunded_minor, refunded.shipping_minor)
    _imply_progress(state)
    recompute_totals(order, state.lines)
    if not was_paid:  # the checkout is over once the order is paid
        totals = checked.totals
        order.checkout_total_minor = _told(data.checkout_total_minor, totals.total_minor)
        order.checkout_net_minor = _told(data.checkout_net_minor, totals.net_minor)


def _told(sent: int | None, computed: int) -> int:
    return computed if sent is None else sent


def _set_header(order: Order, data: OrderInput) -> None:
    order.number = data.number
    order.number_normalised = normalise(data.number)
    order.currency = data.currency
    order.is_tax_inclusive = data.tax_inclusive
    order.shipping_minor = data.shipping_minor
    order.shipping_tax_minor = data.shipping_tax_minor
    order.placed_at = data.placed_at
    for field in _TIMES:
        setattr(order, field, _keep(getattr(order, field), getattr(data, field)))
    if order.cancelled_at is not None:
        order.status = Order.Status.CANCELLED
    order.sales_channel = data.sales_channel
    order.risk_level = data.risk_level
    order.is_test = data.is_test
    order.is_backfill = order.is_backfill and data.is_backfill  # what came live does not become history


def _set_words(order: Order, data: OrderInput) -> None:
    """What the shop writes freely, and so perhaps about the person."""
    order.shipping_title = data.shipping_title
    order.landing_utm = data.landing_utm
    order.tags = list(data.tags)


def _keep(known: datetime | None, sent: datetime | None) -> datetime | None:
    """What has happened does not un-happen because a shop leaves the time out."""
    return sent if sent is not None else known


def _set_addresses(state: OrderState, data: OrderInput) -> None:
    order = state.order
    order.shipping_address_id = _address(state, state.address, data.shipping_address)
    order.billing_address_id = _address(state, state.billing_address, data.billing_address)


def _address(state: OrderState, current: Address | None, data: AddressInput | None) -> uuid.UUID | None:
    address = address_after(current, data)
    if address is None:
        return None
    state.addresses[address.pk] = address
    return address.pk


def _imply_progress(state: OrderState) -> None:
    """What arrived was sent, and what was sent was begun, also where the shop tells only the quantities."""
    order = state.order
    order.fulfilled_at = order.fulfilled_at or order.delivered_at
    order.fulfilment_started_at = order.fulfilment_started_at or order.fulfilled_at
    if order.fulfilment_started_at is None and any(
        line.fulfilled_quantity or line.in_progress_quantity for line in state.lines
    ):
        order.fulfilment_started_at = clock.now()


def _set_tenders(state: OrderState, data: OrderInput) -> None:
    """Replaced as a whole; an update that names none keeps them, and with them the card on file."""
    tenders = [
        OrderTender(
            order_id=state.order.pk,
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
    ]
    if tenders and not _are_alike(tenders, state.tenders):
        state.tenders = tenders


def _are_alike(told: list[OrderTender], known: list[OrderTender]) -> bool:
    return [_tender_values(tender) for tender in told] == [_tender_values(tender) for tender in known]
