"""Mails with the order's link: at most one per occasion, however often the event comes."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction

from core import clock
from core.tenancy import require_merchant_id
from editing.models import EditSession
from merchants.models import Merchant
from messaging.models import Message
from messaging.services.enqueue import message_enqueue
from orders.models import Order
from portal import facts
from portal.facts import ChangeState
from portal.pages import mail
from portal.pages.words import Words
from portal.selectors import change_facts, order_facts
from portal.services.links import portal_link_create

Text = Callable[[facts.Order, Words, str], dict[str, Any]]


def mail_order_open(order_id: uuid.UUID) -> None:
    """The first mail: the order is in, and until when it can be added to."""
    order = order_facts(order_id)
    if order is not None and order.window is not None and order.window.is_open:
        _mail(order, f"portal:open:{order_id}", mail.order_open)


def mail_order_link(order_id: uuid.UUID, occasion: str) -> None:
    order = order_facts(order_id)
    if order is not None:
        _mail(order, f"portal:link:{occasion}", lambda order, words, url: mail.order_link(order, url))


def mail_change_settled(order_id: uuid.UUID, edit_id: uuid.UUID) -> None:
    """How a confirmed change ended."""
    order = order_facts(order_id)
    session = EditSession.objects.filter(pk=edit_id, order_id=order_id).first()
    if order is None or session is None:
        return
    change = change_facts(session)

    def text(order: facts.Order, words: Words, url: str) -> dict[str, Any]:
        if change.state == ChangeState.APPLIED:
            return mail.change_applied(order, change, words, url)
        return mail.change_stopped(order, change, url)

    _mail(order, f"portal:settled:{edit_id}", text)


def _mail(order: facts.Order, dedupe_key: str, text: Text) -> None:
    customer = Order.objects.select_related("customer").get(pk=order.id).customer
    if customer is None or not customer.email or Message.objects.filter(dedupe_key=dedupe_key).exists():
        return
    merchant = Merchant.objects.get(pk=require_merchant_id())
    words = Words(merchant.locale, merchant.time_zone, order.currency, clock.now())
    with transaction.atomic():  # no message, no link
        message_enqueue(
            merchant_id=merchant.pk,
            template="notice",
            to_email=customer.email,
            context=text(order, words, portal_link_create(order_id=order.id).url),
            dedupe_key=dedupe_key,
            order_id=order.id,
            customer_id=customer.pk,
        )
