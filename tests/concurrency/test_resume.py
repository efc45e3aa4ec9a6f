"""The sweep that takes up edits, beside somebody who holds a row: the others go on, and this one goes on later."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core import clock
from core.tenancy import tenant_scope
from editing.models import EditSession
from editing.services.resume import DRAFT_LIFETIME, drafts_abandon, edits_resume
from tests.editing.conftest import (
    shop_committing,
    stripe_client,
    stripe_server,
    stripe_server_session,
    stripe_settings,
)

__all__ = ["shop_committing", "stripe_client", "stripe_server", "stripe_server_session", "stripe_settings"]


@pytest.fixture
def hold(shop_committing):
    """Another transaction holds a row until it is told to let go, here at the latest."""
    locked, release = threading.Event(), threading.Event()
    holders = []

    def take(row):
        with tenant_scope(shop_committing.merchant.pk), transaction.atomic():
            type(row).objects.select_for_update().get(pk=row.pk)
            locked.set()
            release.wait(timeout=30)
        connection.close()

    def start(row):
        holders.append(threading.Thread(target=take, args=[row]))
        holders[-1].start()
        assert locked.wait(timeout=10)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        return let_go

    def let_go():
        release.set()
        for holder in holders:
            holder.join(timeout=10)

    yield start
    let_go()


def test_an_edit_that_meets_a_locked_row_does_not_stop_the_others(shop_committing, hold):
    with tenant_scope(shop_committing.merchant.pk):
        orders = [shop_committing.order(), shop_committing.order()]
        for order in orders:
            shop_committing.commit(order, shop_committing.quoted(order))
    let_go = hold(orders[0])
    edits_resume()
    with tenant_scope(shop_committing.merchant.pk):
        assert [EditSession.objects.get(order=order).state for order in orders] == ["committing", "applied"]
    let_go()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        edits_resume()
    with tenant_scope(shop_committing.merchant.pk):
        assert set(EditSession.objects.values_list("state", flat=True)) == {"applied"}
        assert [intent["amount_received"] for intent in shop_committing.intents()] == [2640, 2640]


def test_a_draft_that_meets_a_locked_row_does_not_stop_the_others(shop_committing, hold):
    with tenant_scope(shop_committing.merchant.pk):
        drafts = [shop_committing.quoted(shop_committing.order()).session for _ in range(3)]
    let_go = hold(drafts[0])

    def states():
        with tenant_scope(shop_committing.merchant.pk):
            return [EditSession.objects.get(pk=draft.pk).state for draft in drafts]

    with clock.frozen(clock.now() + DRAFT_LIFETIME + timedelta(minutes=1)):
        drafts_abandon()
        assert states() == ["draft", "abandoned", "abandoned"]
        let_go()
        drafts_abandon()
    assert states() == ["abandoned"] * 3
