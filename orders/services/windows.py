"""The Golden Window: opened when an order is paid, closed by time, staff, fulfilment or cancel."""

import uuid
from datetime import time, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef

from core import clock, outbox
from core.errors import DomainError
from core.tenancy import platform_scope, tenant_scope
from merchants.models import Merchant
from orders.errors import EditUnderWay, WindowClosed
from orders.locks import lock_order, lock_window
from orders.models import EditWindow, Order, WindowAdmission
from orders.rules import WindowPolicy, window_closes_at
from orders.services.events import window_news

log = structlog.get_logger(__name__)

SWEEP_BATCH = 200
# What does not wait for an edit that was let in, and how the window is then said to have ended.
_ENDS_AT_ONCE: dict[str, EditWindow.State] = {
    EditWindow.Reason.FULFILMENT_STARTED: EditWindow.State.PREEMPTED,
    EditWindow.Reason.CANCELLED: EditWindow.State.CANCELLED,
}


def window_policy(merchant: Merchant) -> WindowPolicy:
    return WindowPolicy(
        length=timedelta(minutes=merchant.window_minutes),
        zone=merchant.zone,
        cut_offs=tuple(time.fromisoformat(item) for item in merchant.window_cut_offs),
        blackout_weekdays=frozenset(merchant.blackout_weekdays),
    )


def window_after(window: EditWindow | None, order: Order, merchant: Merchant) -> tuple[EditWindow | None, str]:
    """The window of a locked order as it follows from what the shop says, not saved, and the event to publish.

    A paid order's window is counted from its payment; none is opened if that is over already.
    """
    ended_by = _ended_by(order)
    if window is not None:
        if ended_by and window.state in EditWindow.LIVE:
            _set_ended(window, ended_by)
            return window, "window.ended"
    elif order.is_paid and not ended_by and not order.is_backfill:
        window = _window_make(order, merchant)
        return window, "window.opened" if window else ""
    return window, ""


def _ended_by(order: Order) -> str:
    if order.cancelled_at:
        return EditWindow.Reason.CANCELLED
    if order.fulfilment_started_at or order.fulfilled_at:
        return EditWindow.Reason.FULFILMENT_STARTED
    return ""


def _window_make(order: Order, merchant: Merchant) -> EditWindow | None:
    opened_at = order.paid_at or clock.now()
    closes_at = window_closes_at(opened_at, window_policy(merchant))
    if closes_at <= clock.now():
        return None
    return EditWindow(
        order_id=order.pk,
        opened_at=opened_at,
        closes_at=closes_at,
        policy={
            "window_minutes": merchant.window_minutes,
            "window_cut_offs": merchant.window_cut_offs,
            "blackout_weekdays": merchant.blackout_weekdays,
        },
    )


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
    if reason not in _ENDS_AT_ONCE and _has_admission(window):
        window.close_reason = reason
        window.state = EditWindow.State.CLOSING
        window.closes_at = min(window.closes_at, max(clock.now(), window.opened_at))
        window.save(update_fields=["state", "closes_at", "close_reason"])
        return
    _set_ended(window, reason)
    window.save(update_fields=["state", "closed_at", "close_reason"])
    event = "order.released" if window.state == EditWindow.State.RELEASED else "window.ended"
    outbox.publish_all([window_news(event, window.order_id)])


def _set_ended(window: EditWindow, reason: str) -> None:
    window.state = _ENDS_AT_ONCE.get(reason, EditWindow.State.RELEASED)
    window.close_reason = reason
    window.closed_at = clock.now()


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
    with tenant_scope(merchant_id):
        try:
            return _release(window_id)
        except (DomainError, DatabaseError) as error:  # one that cannot be closed must not keep the others open
            log.error("window_sweep_failed", window_id=str(window_id), exc_info=error)
            return 0


def _release(window_id: uuid.UUID) -> int:
    with transaction.atomic():
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
