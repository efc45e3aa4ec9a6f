"""Webhooks in: kept once, and their bodies no longer than promised."""

from datetime import timedelta

import pytest

from core import clock
from core.inbound import inbound_purge, inbound_store
from core.models import InboundWebhook, OutboxEvent
from core.tenancy import tenant_scope

pytestmark = pytest.mark.django_db


def store(external_id="evt_1"):
    return inbound_store(source="stripe", external_id=external_id, topic="charge.updated", body='{"name": "Mara"}')


def test_the_same_webhook_is_stored_and_queued_once(scope):
    assert [store(), store()] == [True, False]
    assert InboundWebhook.objects.count() == OutboxEvent.objects.filter(name="inbound.stripe").count() == 1


def test_two_merchants_may_be_sent_the_same(scope, other_merchant):
    assert store()
    with tenant_scope(other_merchant.pk):
        assert store()


def test_bodies_are_emptied_after_thirty_days_for_all_merchants(scope, other_merchant, at):
    store("evt_1")
    with tenant_scope(other_merchant.pk):
        store("evt_2")
    with clock.frozen(at + timedelta(days=1)):
        store("evt_3")
    with clock.frozen(at + timedelta(days=30, seconds=1)):
        assert inbound_purge() == 2
        assert inbound_purge() == 0
        assert not store("evt_1"), "known although its body is gone"
    kept = InboundWebhook.objects.order_by("external_id").values_list("external_id", "body")
    assert list(kept) == [("evt_1", ""), ("evt_3", '{"name": "Mara"}')]
