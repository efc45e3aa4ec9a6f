"""The Golden Window: opened when an order is paid, closed by time, staff, fulfilment or cancel."""

import uuid
from datetime import time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from core import clock, outbox
from core.tenancy import platform_scope, tenant_scope
from merchants.models import Merchant
from orders.errors import EditUnderWay, WindowClosed
from orders.locks import lock_order, lock_window
from orders.models import EditWindow, Order, WindowAdmission
from orders.rules import WindowPolicy, window_closes_at

SWEEP_BATCH = 200


def window_policy(merchant: Merchant) -> WindowPolicy:
    return WindowPolicy(
        length=timedelta(minutes=merchant.window_minutes),
        zone=merchant.zone,
        cut_offs=tuple(time.fromisoformat(item) for item in merchant.window_cut_offs),
        blackout_weekdays=frozenset(merchant.blackout_weekdays),
    )


def window_open(*, order: Order, merchant: Merchant) -> EditWindow | None:
    """Open the window of a locked, paid order, counted from its payment; None if that is over already."""
    opened_at = order.paid_at or clock.now()
    closes_at = window_closes_at(opened_at, window_policy(merchant))
    if closes_at <= clock.now():
        return None
    window, created = EditWindow.objects.get_or_create(
        order=order,
        defaults={
            "opened_at": opened_at,
            "closes_at": closes_at,
            "policy": {
                "window_minutes": merchant.window_minutes,
                "window_cut_offs": merchant.window_cut_offs,
                "blackout_weekdays": merchant.blackout_weekdays,
            },
        },
    )
    if created:
        outbox.publish("window.opened", aggregate_type="order", aggregate_id=order.pk, payload=_payload(order.pk))
    return window


def window_close(*, order_id: uuid.UUID) -> EditWindow:
    """Staff close a live window now. An edit already admitted may finish first; then the sweep releases the order.

    Raises OrderNotFound, WindowClosed.
    """
    with transaction.atomic():
        lock_order(order_id)
        window = lock_window(order_id)
        if window is None or window.state not in EditWindow.LIVE:
            raise WindowClosed
        end_window(window, EditWindow.Reason.STAFF)
        return window


def end_window(window: EditWindow, reason: str) -> None:
    """End a locked, live window for `reason`."""
    window.close_reason = reason
    if reason == EditWindow.Reason.FULFILMENT_STARTED:
        _finish(window, EditWindow.State.PREEMPTED)
    elif reason == EditWindow.Reason.CANCELLED:
        _finish(window, EditWindow.State.CANCELLED)
    elif _has_admission(window):
        window.state = EditWindow.State.CLOSING
        window.closes_at = min(window.closes_at, max(clock.now(), window.opened_at))
        window.save(update_fields=["state", "closes_at", "close_reason"])
    else:
        _finish(window, EditWindow.State.RELEASED)


def window_extend(*, order_id: uuid.UUID, by: timedelta) -> EditWindow:
    """Move the closing time of an open window. Raises OrderNotFound, WindowClosed."""
    with transaction.atomic():
        lock_order(order_id)
        window = lock_window(order_id)
        if window is None or not window.is_open:
            raise WindowClosed
        window.closes_at += by
        window.save(update_fields=["closes_at"])
        return window


def window_admit(*, order_id: uuid.UUID, edit_id: uuid.UUID) -> WindowAdmission:
    """Let an edit in: from here on it may finish although the window closes. Call it with the order locked.

    Raises WindowClosed, EditUnderWay.
    """
    window = lock_window(order_id)
    admitted_at = clock.now()
    if window is None or window.state != EditWindow.State.OPEN or admitted_at >= window.closes_at:
        raise WindowClosed
    if _has_admission(window):
        raise EditUnderWay
    return WindowAdmission.objects.create(window=window, edit_id=edit_id, admitted_at=admitted_at)


def window_leave(*, edit_id: uuid.UUID) -> None:
    """The edit is over, whichever way. Leaving twice changes nothing."""
    WindowAdmission.objects.filter(edit_id=edit_id, left_at=None).update(left_at=clock.now())


def windows_sweep() -> int:
    """Release every window that is due, in all merchants; returns how many. Two sweeps at once do no harm."""
    with platform_scope("window sweep"):
        inside = WindowAdmission.objects.filter(window_id=OuterRef("pk"), left_at=None)
        due = list(
            EditWindow.objects.filter(state__in=EditWindow.LIVE, closes_at__lte=clock.now())
            # Those that wait for an edit, perhaps for days, must not fill the batch.
            .exclude(Exists(inside), state=EditWindow.State.CLOSING)
            .order_by("closes_at")
            .values_list("merchant_id", "pk")[:SWEEP_BATCH]
        )
    return sum(_sweep_one(merchant_id, window_id) for merchant_id, window_id in due)


def _sweep_one(merchant_id: int, window_id: uuid.UUID) -> int:
    with tenant_scope(merchant_id), transaction.atomic():
        window = (
            EditWindow.objects.select_for_update(skip_locked=True)
            .filter(pk=window_id, state__in=EditWindow.LIVE, closes_at__lte=clock.now())
            .first()
        )
        if window is None:
            return 0
        end_window(window, window.close_reason or EditWindow.Reason.ELAPSED)
        return 1 if window.state == EditWindow.State.RELEASED else 0


def _has_admission(window: EditWindow) -> bool:
    return WindowAdmission.objects.filter(window=window, left_at=None).exists()


def _finish(window: EditWindow, state: str) -> None:
    window.state = state
    window.closed_at = clock.now()
    window.save(update_fields=["state", "closed_at", "close_reason"])
    event = "order.released" if state == EditWindow.State.RELEASED else "window.ended"
    outbox.publish(event, aggregate_type="order", aggregate_id=window.order_id, payload=_payload(window.order_id))


def _payload(order_id: uuid.UUID) -> dict[str, str]:
    return {"order_id": str(order_id)}
