"""The buttons by which a person sets going again what stopped: an edit half-way, a webhook that came to nothing."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from core.models import InboundWebhook
from core.outbox import dispatch_due
from editing.rules import EditState
from editing.services.resume import edits_resume
from editing.services.saga import saga_drive
from merchants.models import AuditEntry
from payments.models import PaymentEvent
from payments.services.accounts import stripe_account_setup
from tests.admin.conftest import Staff
from tests.editing.conftest import shop, stripe_client, stripe_server, stripe_server_session, stripe_settings
from tests.payments.conftest import SECRET, sign

__all__ = ["shop", "stripe_client", "stripe_server", "stripe_server_session", "stripe_settings"]

INDEX = "/m/harrow/admin/"
CAPTURE = "/v1/payment_intents/*/capture"


@pytest.fixture
def stuck(shop, at):
    """An edit that is applied to the order, but whose money could not be taken for two hours."""
    order = shop.order()
    shop.server.fault("error_before_apply", method="POST", path=CAPTURE, count=1000)
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    for minutes in range(3, 120, 3):
        with clock.frozen(at + timedelta(minutes=minutes)):
            edits_resume()
    session.refresh_from_db()
    assert session.state == EditState.MANUAL_REVIEW
    return session


def test_an_edit_that_stopped_is_tried_once_more(staff: Staff, shop, stuck):
    client = staff("manager")
    [todo] = client.get(INDEX).context["todos"]
    assert todo.text == "1 edit stopped half-way"
    assert str(stuck.pk) in client.get(todo.url).content.decode()
    page = f"{INDEX}editing/editsession/{stuck.pk}/"
    assert "Try the step once more" in client.get(f"{page}change/").content.decode()

    shop.server.clear_faults()
    done = client.post(f"{page}do/resume/", follow=True).content.decode()
    assert "The edit is now: applied" in done
    assert shop.captured() == 2640
    assert client.get(INDEX).context["todos"] == []
    [entry] = AuditEntry.objects.filter(action="edit_session.retried")
    assert (entry.before, entry.after) == ({"state": "manual_review"}, {"state": "applied"})

    again = client.post(f"{page}do/resume/", follow=True).content.decode()
    assert "cannot be done any more" in again
    assert shop.captured() == 2640


@pytest.mark.parametrize("role", ["support", "analyst"])
def test_support_and_analysts_retry_no_edit(staff: Staff, stuck, role):
    client = staff(role)
    page = f"{INDEX}editing/editsession/{stuck.pk}/"
    assert "Try the step once more" not in client.get(f"{page}change/").content.decode()
    assert client.post(f"{page}do/resume/").status_code == 403
    stuck.refresh_from_db()
    assert stuck.state == EditState.MANUAL_REVIEW


@pytest.fixture
def webhook(shop, at):
    """Stripe told us of a charge, and a worker has looked at it."""
    order = shop.order()
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    assert session.state == EditState.APPLIED
    [intent] = shop.intents()
    stripe_account_setup(merchant_id=shop.merchant.pk, webhook_secret=SECRET)
    body = json.dumps(
        {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "data": {"object": intent}}
    )
    header = sign(body.encode())
    url = "/m/harrow/webhooks/stripe"
    sent = Client().post(url, body, content_type="application/json", headers={"Stripe-Signature": header})
    assert sent.status_code == 200
    dispatch_due()
    return InboundWebhook.objects.get()


def looks():
    return PaymentEvent.objects.filter(source=PaymentEvent.Source.WEBHOOK).count()


def test_a_webhook_is_processed_once_more(staff: Staff, shop, webhook, at):
    assert (webhook.state, webhook.processed_at) == ("processed", at)
    before = looks()
    client = staff("owner")
    page = f"{INDEX}core/inboundwebhook/{webhook.pk}/"
    assert "Process again" in client.get(f"{page}change/").content.decode()
    with clock.frozen(at + timedelta(hours=1)):
        told = client.post(f"{page}do/replay/", follow=True).content.decode()
        assert "The webhook is queued" in told
        assert looks() == before
        dispatch_due()
    webhook.refresh_from_db()
    assert (webhook.state, webhook.processed_at) == ("processed", at + timedelta(hours=1))
    assert shop.captured() == 2640
    assert AuditEntry.objects.filter(action="inbound_webhook.replayed", object_id=str(webhook.pk)).count() == 1


def test_a_webhook_whose_body_is_gone_is_not_processed_again(staff: Staff, webhook):
    InboundWebhook.objects.filter(pk=webhook.pk).update(body="")
    client = staff("owner")
    page = f"{INDEX}core/inboundwebhook/{webhook.pk}/"
    assert "Process again" not in client.get(f"{page}change/").content.decode()
    assert "cannot be done any more" in client.post(f"{page}do/replay/", follow=True).content.decode()
    assert client.get(f"{page}change/").status_code == 200


def test_an_edit_that_still_cannot_go_on_stays_where_it_is_and_is_driven_again(staff: Staff, shop, stuck):
    page = f"{INDEX}editing/editsession/{stuck.pk}/"
    told = staff("owner").post(f"{page}do/resume/", follow=True).content.decode()
    assert "The edit is now: under way" in told
    assert shop.captured() == 0
