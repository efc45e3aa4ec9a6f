"""Events on the whole way: Stripe's server signs and posts them to a running site, a worker applies them."""

import time

import pytest

from core.models import InboundWebhook
from payments.models import PaymentIntentRecord
from payments.rules import PaymentState
from payments.services.accounts import webhook_endpoint_register
from payments.services.charges import payment_capture, payment_confirm_on_session
from payments.services.inbound import webhook_process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(shop, live_server):
    webhook_endpoint_register(merchant_id=shop.merchant.pk, url=f"{live_server.url}/m/harrow-pine/webhooks/stripe")
    return shop


def wait_for_deliveries(server, number):
    deadline = time.monotonic() + 10
    while sum(row["state"] == "delivered" for row in server.deliveries()) < number:
        assert time.monotonic() < deadline, server.deliveries()


def process_all():
    for webhook in InboundWebhook.objects.order_by("-received_at"):
        webhook_process(inbound_id=webhook.pk)


def test_s28_duplicates_and_reordering_on_the_way_change_nothing(site):
    site.server.fault("duplicate_webhook", event="payment_intent.", count=2)
    site.server.fault("reorder_webhook", event="payment_intent.amount_capturable_updated", delay_ms=300)
    held = site.authorise(site.order())
    payment_capture(intent_id=held.intent_id)
    wait_for_deliveries(site.server, 3)
    process_all()
    record = PaymentIntentRecord.objects.get()
    assert (record.status, record.captured_minor) == (PaymentState.SUCCEEDED, 1225)
    topics = sorted(InboundWebhook.objects.values_list("topic", flat=True))
    assert topics == ["payment_intent.amount_capturable_updated", "payment_intent.succeeded"]


def test_s23_the_bank_says_yes_and_the_shopper_never_comes_back(site, stripe_bank):
    asked = site.authorise(site.order(behaviour="always_authenticate"))
    sent = payment_confirm_on_session(intent_id=asked.intent_id, return_url="http://127.0.0.1/back/")
    stripe_bank(sent.next_url, "approve")
    wait_for_deliveries(site.server, 3)
    process_all()
    assert PaymentIntentRecord.objects.get().status == PaymentState.REQUIRES_CAPTURE
