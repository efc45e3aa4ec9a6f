"""The order page: one status sentence, the window, the items and what was paid."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import facts, masking
from portal.pages.shop import Notice
from portal.pages.words import LeftWords, Words, left_words, whole_minutes


@dataclass(frozen=True, slots=True)
class WindowBox:
    is_open: bool
    at: datetime
    until: str
    minutes: int
    minutes_left: int
    left: str
    words: LeftWords
    closes_ms: int
    now_ms: int
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    state: str  # done, now, todo or bad
    text: str = ""


@dataclass(frozen=True, slots=True)
class LineRow:
    title: str
    detail: str
    amount: str
    picture_url: str
    is_added: bool


@dataclass(frozen=True, slots=True)
class TotalRow:
    label: str
    amount: str
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class OrderPage:
    order_id: uuid.UUID
    number: str
    placed: str
    title: str
    lede: str
    window: WindowBox | None
    track: tuple[Step, ...]
    lines: tuple[LineRow, ...]
    totals: tuple[TotalRow, ...]
    tag: str
    paid_with: str
    ship_to: str
    updates_to: str
    can_edit: bool
    notice: Notice | None = None
    working_url: str = ""


def order_page(order: facts.Order, words: Words, *, notice: Notice | None = None, working_url: str = "") -> OrderPage:
    title, lede = _status(order, words)
    is_past = bool(order.cancelled_at or order.fulfilled_at)
    window = window_box(order.window, words) if order.window and not is_past else None
    return OrderPage(
        order_id=order.id,
        number=order.number,
        placed=words.when(order.placed_at),
        title=title,
        lede=lede,
        window=window,
        track=() if order.cancelled_at or not order.paid_at else _track(order),
        lines=tuple(_line(line, words) for line in order.lines),
        totals=_totals(order, words),
        tag=_("Paid") if order.paid_at and not order.cancelled_at else "",
        paid_with=card_words(order.card),
        ship_to=_ship_to(order.recipient),
        updates_to=masking.email(order.recipient.email) if order.recipient and order.recipient.email else "",
        can_edit=bool(window and window.is_open and order.paid_at and order.is_chargeable),
        notice=notice,
        working_url=working_url,
    )


def card_words(card: facts.Card | None) -> str:
    if card is None:
        return ""
    brand = {"amex": "American Express", "visa": "Visa", "mastercard": "Mastercard"}.get(card.brand, card.brand.title())
    return _("%(brand)s ending %(last4)s") % {"brand": brand or _("Card"), "last4": card.last4}


def window_box(window: facts.Window, words: Words) -> WindowBox:
    is_open = window.is_open and words.now < window.closes_at
    ended_at = window.closed_at or min(window.closes_at, words.now)
    left = left_words()
    minutes = whole_minutes(window.closes_at - words.now) if is_open else 0
    at = window.closes_at if is_open else ended_at
    if is_open:
        title, text = "", ""
    elif window.is_cut_short:
        title = _("Changes closed early, at %(time)s") % {"time": words.until(ended_at)}
        text = _("The warehouse started on your order. Your last change is in.")
    else:
        title = _("Changes closed at %(time)s") % {"time": words.until(ended_at)}
        text = _("We are packing your order.")
    return WindowBox(
        is_open=is_open,
        at=at,
        until=words.until(at),
        minutes=max(1, whole_minutes(window.closes_at - window.opened_at)),
        minutes_left=minutes,
        left=left.text(minutes) if is_open else left.closed,
        words=left,
        closes_ms=int(window.closes_at.timestamp() * 1000),
        now_ms=int(words.now.timestamp() * 1000),
        title=title,
        text=text,
    )


def _status(order: facts.Order, words: Words) -> tuple[str, str]:
    if order.cancelled_at:
        return _("This order was cancelled"), _("It was cancelled %(when)s. Nothing will be sent.") % {
            "when": words.when(order.cancelled_at)
        }
    if order.delivered_at:
        return _("Your order has arrived"), _("It was delivered %(when)s.") % {"when": words.when(order.delivered_at)}
    if order.fulfilled_at:
        return _("Your order is on its way"), _("It left us %(when)s.") % {"when": words.when(order.fulfilled_at)}
    if not order.paid_at:
        return _("We are waiting for your payment"), _("We start on your order as soon as the payment is in.")
    window = order.window
    if window and window.is_open and words.now < window.closes_at and not order.fulfilment_started_at:
        at = {"time": words.then(window.closes_at)}
        if not order.is_chargeable:
            return _("Your order is in"), _("We start packing it %(time)s.") % at
        return _("Your order is in, and you can still add to it"), _("We start packing it %(time)s.") % at
    return _("We are packing your order"), _("There is nothing left for you to do.")


def _track(order: facts.Order) -> tuple[Step, ...]:
    names = [_("Ordered"), _("Open"), _("Packing"), _("Shipped"), _("Delivered")]
    if order.delivered_at:
        now = 4
    elif order.fulfilled_at:
        now = 3
    elif order.fulfilment_started_at or not (order.window and order.window.is_open):
        now = 2
    else:
        now = 1
    return tuple(
        Step(name, "done" if i < now or (i == now == 4) else "now" if i == now else "todo")
        for i, name in enumerate(names)
    )


def _line(line: facts.Line, words: Words) -> LineRow:
    parts = [line.variant_title] if line.variant_title else []
    if line.quantity != 1:
        parts.append(
            ngettext("%(count)d at %(price)s", "%(count)d at %(price)s", line.quantity)
            % {"count": line.quantity, "price": words.money(line.unit_price_minor)}
        )
    return LineRow(
        title=line.title,
        detail=" · ".join(parts),
        amount=words.money(line.unit_price_minor * line.quantity),
        picture_url=line.picture_url,
        is_added=line.is_added,
    )


def _totals(order: facts.Order, words: Words) -> tuple[TotalRow, ...]:
    rows = [TotalRow(_("Items"), words.money(order.items_minor))]
    if order.discount_minor:
        rows.append(TotalRow(_("Discount"), words.money(-order.discount_minor)))
    shipping = _("Shipping (%(title)s)") % {"title": order.shipping_title} if order.shipping_title else _("Shipping")
    rows.append(TotalRow(shipping, words.money(order.shipping_minor)))
    if order.tax_minor and not order.is_tax_inclusive:
        rows.append(TotalRow(_("Tax"), words.money(order.tax_minor)))
    rows.append(TotalRow(_("Total paid") if order.paid_at else _("Total"), words.money(order.total_minor), is_sum=True))
    if order.tax_minor and order.is_tax_inclusive:
        rows.append(TotalRow(_("Includes tax of"), words.money(order.tax_minor)))
    if order.refunded_minor:
        rows.append(TotalRow(_("Refunded"), words.money(order.refunded_minor)))
    return tuple(rows)


def _ship_to(recipient: facts.Recipient | None) -> str:
    if recipient is None:
        return ""
    parts = (masking.name(recipient.name), masking.street(recipient.street), recipient.place)
    return ", ".join(part for part in parts if part)
