"""Mails with the link: the right one, to the right address, once."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock
from core.models import OutboxEvent
from core.outbox import dispatch_due
from messaging.models import Message
from portal.errors import LinkRequestsUnavailable
from portal.models import PortalLink
from portal.services import find
from portal.services.find import PER_ADDRESS_AN_HOUR, portal_link_request
from tests.factories import CustomerInputFactory, paid_order

FIND = "/m/harrow/find/"


def ask(email: str, number: str):
    return Client().post(FIND, {"email": email, "number": number})


def test_an_order_that_comes_in_is_told_of_once(scope):
    order = paid_order()
    dispatch_due()
    event = OutboxEvent.objects.get(name="window.opened")
    event.state, event.handled = "pending", []
    event.save()
    dispatch_due()
    [message] = Message.objects.all()
    assert message.to_email == order.customer.email
    assert message.subject == f"Your order {order.number} is in"
    assert "Add it until" in message.text
    assert PortalLink.objects.count() == 1


def test_the_mailed_link_opens_the_order(scope):
    order = paid_order()
    dispatch_due()
    path = re.search(r"/m/harrow/l/\S+/", Message.objects.get().text).group()
    assert Client().get(path)["Location"] == f"/m/harrow/o/{order.pk}/"


def test_history_and_orders_without_an_address_are_not_mailed(scope):
    paid_order(is_backfill=True)
    paid_order(customer=None)
    paid_order(customer=CustomerInputFactory(email=""))
    dispatch_due()
    assert not Message.objects.exists()


def test_a_change_is_confirmed_by_mail_with_what_was_charged(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    visitor.confirm()
    dispatch_due()
    message = Message.objects.get(subject__contains="is changed")
    assert "Visa ending 4242 was charged $24.00." in message.text
    assert "Kiln tray" in message.text


def test_a_change_that_came_to_nothing_is_told_too(shopper, tray):
    visitor = shopper(card="generic")
    visitor.add(tray)
    visitor.confirm()
    dispatch_due()
    message = Message.objects.get(subject__contains="is as it was")
    assert "nothing was charged" in message.text


def test_known_and_unknown_get_the_same_answer_and_the_same_work(scope):
    order = paid_order()
    answers, work = [], []
    for email in (order.customer.email, "nobody@mail.example"):
        with CaptureQueriesContext(connection) as queries:
            answers.append(ask(email, order.number))
        work.append([q["sql"].split()[0] for q in queries])
    known, unknown = answers
    assert known.status_code == unknown.status_code == 200
    assert known.content == unknown.content
    assert b"Check your inbox" in known.content
    assert work[0] == work[1]


def test_only_the_orders_own_address_is_mailed(scope):
    order = paid_order()
    ask("stranger@mail.example", order.number)
    ask(order.customer.email.upper(), f"  {order.number.lower()} ")
    dispatch_due()
    [message] = Message.objects.filter(subject__startswith="The link")
    assert message.to_email == order.customer.email


def test_events_and_answers_hold_no_personal_data(scope):
    ask("nobody@mail.example", "HP-1")
    event = OutboxEvent.objects.get(name=find.REQUESTED)
    assert event.payload == {"order_id": None}


@pytest.mark.parametrize("email", ["known", "nobody@mail.example"])
def test_the_sixth_request_in_an_hour_is_refused_for_known_and_unknown(scope, email):
    order = paid_order()
    email = order.customer.email if email == "known" else email
    for _ in range(PER_ADDRESS_AN_HOUR):
        assert ask(email, order.number).status_code == 200
    refused = ask(email, order.number)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "3600"
    assert OutboxEvent.objects.filter(name=find.REQUESTED).count() == PER_ADDRESS_AN_HOUR


def test_without_its_counter_nothing_is_mailed(scope, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    with pytest.raises(LinkRequestsUnavailable):
        portal_link_request(email="a@b.example", number="1")
    assert ask("a@b.example", "1").status_code == 503
    assert not OutboxEvent.objects.filter(name=find.REQUESTED).exists()


@pytest.mark.parametrize(
    ("email", "number", "problem"),
    [
        ("", "HP-1", "Enter an email address"),
        ("mara.example.com", "HP-1", "Enter an email address"),
        ("a@b.example\x00", "HP-1", "Enter an email address"),
        ("a@b.example", "", "Enter the order number"),
        ("a@b.example", "9" * 65, "Enter the order number"),
        ("a@b.example", "9\x009", "Enter the order number"),
    ],
)
def test_what_cannot_be_an_address_is_said(scope, email, number, problem):
    response = ask(email, number)
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert "<title>Error: " in response.content.decode()
    assert not OutboxEvent.objects.filter(name=find.REQUESTED).exists()


def test_another_shops_order_is_unknown_here(scope, in_other_shop):
    order = in_other_shop()
    ask(f"{order.external_id}@mail.example", order.number)
    event = OutboxEvent.objects.get(name=find.REQUESTED)
    assert event.payload == {"order_id": None}
    assert clock.now() >= event.occurred_at
