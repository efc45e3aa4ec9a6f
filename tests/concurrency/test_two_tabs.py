"""Two tabs, two clicks, two workers at once: one charge. Real threads, real commits."""

import threading

import pytest
from django.db import connections

from core.errors import DomainError
from core.tenancy import tenant_scope
from editing.models import EditSession
from editing.services.resume import edits_resume
from editing.services.saga import saga_drive
from orders.errors import WindowClosed
from orders.models import EditWindow, OrderRevision
from orders.services.revisions import Actor
from orders.services.windows import window_close
from tests.editing.conftest import (
    shop_committing,
    stripe_client,
    stripe_server,
    stripe_server_session,
    stripe_settings,
)

__all__ = ["shop_committing", "stripe_client", "stripe_server", "stripe_server_session", "stripe_settings"]


def at_once(shop, *jobs):
    """Run the jobs in as many threads, started together; returns what each gave or raised."""
    barrier = threading.Barrier(len(jobs))
    outcomes = [None] * len(jobs)

    def run(index, job):
        with tenant_scope(shop.merchant.pk):
            barrier.wait()
            try:
                outcomes[index] = job()
            except DomainError as error:
                outcomes[index] = error.code
        connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def order(shop_committing):
    with tenant_scope(shop_committing.merchant.pk):
        return shop_committing.order()


def confirm(shop, order, quote, key):
    session = shop.commit(order, quote, key=key)
    saga_drive(session.pk)
    return "confirmed"


def assert_one_charge(shop, order):
    with tenant_scope(shop.merchant.pk):
        edits_resume()
        assert [intent["amount_received"] for intent in shop.intents()] == [2640]
        assert OrderRevision.objects.filter(order=order, reason="edited").count() == 1


def test_s08_two_tabs_with_their_own_drafts(shop_committing, order):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        quotes = [shop.quoted(order, actor=Actor("shopper", f"link-{n}")) for n in range(2)]
    outcomes = at_once(
        shop, *(lambda q=quote, k=key: confirm(shop, order, q, f"k{k}") for key, quote in enumerate(quotes))
    )
    assert sorted(outcomes) in (["confirmed", "edit_under_way"], ["confirmed", "quote_stale"])
    assert_one_charge(shop, order)


def test_a_double_click_with_one_key(shop_committing, order):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        quote = shop.quoted(order)
    assert at_once(shop, *[lambda: confirm(shop, order, quote, "same")] * 4) == ["confirmed"] * 4
    assert_one_charge(shop, order)


def test_one_quote_under_many_keys(shop_committing, order):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        quote = shop.quoted(order)
    outcomes = at_once(shop, *(lambda key=key: confirm(shop, order, quote, f"k{key}") for key in range(4)))
    assert outcomes.count("confirmed") == 1
    assert_one_charge(shop, order)


def test_web_and_two_workers_drive_the_same_edit(shop_committing, order):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        session = shop.commit(order, shop.quoted(order))
    at_once(shop, lambda: saga_drive(session.pk), edits_resume, edits_resume)
    assert_one_charge(shop, order)
    with tenant_scope(shop.merchant.pk):
        assert [step.attempts for step in EditSession.objects.get().steps.all()] == [1, 1, 1, 1]


def test_closing_and_confirming_at_once(shop_committing, order):
    """Whoever is first decides; both may happen, but never a charge without its revision or the other way round."""
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        quote = shop.quoted(order)
    outcomes = at_once(shop, lambda: confirm(shop, order, quote, "k"), lambda: window_close(order_id=order.pk))
    with tenant_scope(shop.merchant.pk):
        revisions = OrderRevision.objects.filter(order=order, reason="edited").count()
        assert outcomes[0] == ("confirmed" if revisions else WindowClosed.code)
        assert shop.captured() == 2640 * revisions
        assert EditWindow.objects.get(order=order).state in ("released", "closing")
