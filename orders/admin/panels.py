"""The panels that this room puts on the order page: lines, what happened, window, customer, money, delivery."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest

from core import clock
from core.admin.registry import Context, Panel, add_panel
from core.admin.words import Words, duration, words_of
from orders.admin.orders import PAGE, SEES_CUSTOMERS, window_of
from orders.models import EditWindow, Order, OrderLine, OrderRevision, OrderTender

_REASONS = {
    "ingested": "Order received",
    "updated": "Changed in the shop",
    "edited": "Changed by the shopper",
    "cancelled": "Order cancelled",
    "fulfilment": "Fulfilment changed",
    "edit_undone": "Change taken back",
}


def _lines(request: HttpRequest, order: Order) -> Context:
    words = words_of(request)

    def row(line: OrderLine) -> dict[str, Any]:
        name = f"{line.title}, {line.variant_title}" if line.variant_title else line.title
        return {
            "name": name,
            "is_added": line.origin == OrderLine.Origin.EDIT,
            "quantity": words.number(line.quantity),
            "shipped": words.number(line.fulfilled_quantity),
            "price": words.money(line.unit_price_minor, order.currency),
            "discount": words.money(-line.discount_minor, order.currency) if line.discount_minor else "–",
            "total": words.money(line.total_minor, order.currency),
        }

    # Each row holds its tax, so that the column adds up to the total whichever way prices are kept.
    sums = [
        ("Shipping", order.shipping_minor + (0 if order.is_tax_inclusive else order.shipping_tax_minor)),
        ("Total", order.total_minor),
        ("of which tax", order.tax_minor),
    ]
    return {
        "version": order.version,
        "lines": [row(line) for line in OrderLine.objects.filter(order_id=order.pk).order_by("position")],
        "sums": [(label, words.money(minor, order.currency)) for label, minor in sums if minor or label == "Total"],
    }


def _timeline(request: HttpRequest, order: Order) -> Context:
    words = words_of(request)
    events: list[tuple[datetime, str, str]] = []
    moments = (
        (order.placed_at, "Placed"),
        (order.paid_at, "Paid"),
        (order.fulfilment_started_at, "Packing started"),
        (order.fulfilled_at, "Shipped"),
        (order.delivered_at, "Delivered"),
        (order.cancelled_at, "Cancelled"),
    )
    events += [(at, text, "") for at, text in moments if at is not None]
    events += _window_events(window_of(order), words)
    before = order.checkout_total_minor
    for revision in OrderRevision.objects.filter(order_id=order.pk).order_by("version"):
        change = revision.total_minor - before
        before = revision.total_minor
        text = _REASONS.get(revision.reason, revision.reason.replace("_", " ").capitalize())
        amount = f"{words.signed(change, order.currency)}, " if change else ""
        events.append((revision.created_at, text, f"{amount}version {revision.version}"))
    events.sort(key=lambda event: event[0])
    return {"events": [{"at": words.moment(at), "text": text, "note": note} for at, text, note in events]}


def _window_events(window: EditWindow | None, words: Words) -> list[tuple[datetime, str, str]]:
    if window is None:
        return []
    events = [(window.opened_at, "Golden Window opened", f"until {words.moment(window.closes_at)}")]
    if window.closed_at is not None:
        events.append((window.closed_at, "Golden Window closed", window.get_close_reason_display()))
    return events


def _window(request: HttpRequest, order: Order) -> Context | None:
    window = window_of(order)
    if window is None:
        return None
    words = words_of(request)
    at = clock.now()
    is_open = window.is_open
    length = window.closes_at - window.opened_at
    minutes = window.policy.get("window_minutes")
    facts = [("Opened", words.moment(window.opened_at)), ("Closes" if is_open else "Closed", _closing(window, words))]
    if minutes:
        facts.append(("Rule", f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"))
    if window.close_reason:
        facts.append(("Reason", window.get_close_reason_display()))
    return {
        "is_open": is_open,
        "headline": f"{duration(window.closes_at - at)} left" if is_open else window.get_state_display(),
        "max": int(length.total_seconds()),
        "left": int((window.closes_at - at).total_seconds()) if is_open else 0,
        "facts": facts,
    }


def _closing(window: EditWindow, words: Words) -> str:
    return words.moment(window.closed_at or window.closes_at)


def _customer(request: HttpRequest, order: Order) -> Context | None:
    customer = order.customer
    if customer is None:
        return None
    words = words_of(request)
    totals = customer.orders.filter(
        merchant_id=order.merchant_id, status=Order.Status.OPEN, currency=order.currency
    ).aggregate(count=Count("pk"), spent=Sum("total_minor", default=0))
    facts = [("Orders", f"{words.number(totals['count'])}, {words.money(totals['spent'], order.currency)}")]
    if customer.phone:
        facts.append(("Phone", customer.phone))
    facts.append(("Since", words.moment(customer.created_at)))
    return {"id": customer.pk, "name": str(customer), "email": customer.email, "facts": facts}


def _money(request: HttpRequest, order: Order) -> Context:
    words = words_of(request)
    captured = OrderTender.objects.filter(order_id=order.pk).aggregate(sum=Sum("captured_minor", default=0))["sum"]
    rows = [
        ("At checkout", order.checkout_total_minor),
        ("Added since", order.total_minor - order.checkout_total_minor),
        ("Total now", order.total_minor),
        ("Captured at checkout", captured),
        ("Refunded", order.refunded_minor),
    ]
    return {"facts": [(label, words.money(minor, order.currency)) for label, minor in rows]}


def _delivery(request: HttpRequest, order: Order) -> Context | None:
    address = order.shipping_address
    if address is None:
        return None
    if address.region:
        town = f"{address.city}, {address.region} {address.postal_code}".strip(" ,")
    else:
        town = f"{address.postal_code} {address.city}".strip()
    parts = (address.name, address.line1, address.line2, town, address.country)
    return {"method": order.shipping_title, "lines": [part for part in parts if part]}


def _panel(name: str, context: Any, zone: str, rank: int, *, personal: bool = False) -> None:
    template = f"admin/orders/{name}.html"
    add_panel(PAGE, Panel(name, template, context, zone, rank, requires=SEES_CUSTOMERS if personal else None))


_panel("lines", _lines, "main", 30)
_panel("timeline", _timeline, "main", 60)
_panel("window", _window, "aside", 10)
_panel("customer", _customer, "aside", 20, personal=True)
_panel("money", _money, "aside", 30)
_panel("delivery", _delivery, "aside", 40, personal=True)
