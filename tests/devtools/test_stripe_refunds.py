"""Refunds: never above what was captured; some fail days later."""

import json
import threading
from typing import Any

import pytest
import stripe

from tests.devtools.shopper import authorise, captured, event_types


def refund(client: Any, intent: str, **params) -> Any:
    return client.v1.refunds.create(params={"payment_intent": intent, **params})


def test_parts_and_then_the_rest(stripe_client):
    intent = captured(stripe_client)
    part = refund(stripe_client, intent.id, amount=500, reason="requested_by_customer", metadata={"case": "1"})
    assert (part.status, part.amount, part.reason, part.metadata["case"]) == (
        "succeeded",
        500,
        "requested_by_customer",
        "1",
    )
    assert refund(stripe_client, intent.id).amount == 1500
    charge = stripe_client.v1.charges.retrieve(intent.latest_charge, params={"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded, len(charge.refunds.data)) == (2000, True, 2)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        refund(stripe_client, intent.id, amount=1)
    assert caught.value.code == "charge_already_refunded"


def test_never_above_the_captured_amount(stripe_client):
    intent = authorise(stripe_client)
    stripe_client.v1.payment_intents.capture(intent.id, params={"amount_to_capture": 1600})
    refund(stripe_client, intent.id, amount=1000)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as caught:
        refund(stripe_client, intent.id, amount=601)
    assert caught.value.param == "amount"
    assert refund(stripe_client, intent.id, amount=600).status == "succeeded"


def test_nothing_captured_nothing_refunded(stripe_client):
    intent = authorise(stripe_client)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        refund(stripe_client, intent.id)
    with pytest.raises(stripe.InvalidRequestError, match="has not been captured"):
        stripe_client.v1.refunds.create(params={"charge": intent.latest_charge})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe_client.v1.refunds.create(params={"amount": 5})
    assert caught.value.code == "parameter_missing"


def test_two_at_once_refund_the_money_once(stripe_client):
    intent = captured(stripe_client)
    outcomes: list[str] = []

    def pay_back() -> None:
        try:
            outcomes.append(refund(stripe_client, intent.id, amount=2000).status)
        except stripe.InvalidRequestError as error:
            outcomes.append(str(error.code))

    threads = [threading.Thread(target=pay_back) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["charge_already_refunded", "succeeded"]


def test_a_failed_refund_is_owed_again(stripe_client, stripe_server):
    intent = captured(stripe_client)
    first = refund(stripe_client, intent.id)
    stripe_server.settle_refund(first.id, "failed", failure_reason="lost_or_stolen_card")
    failed = stripe_client.v1.refunds.retrieve(first.id)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert failed.failure_balance_transaction.startswith("txn_")
    charge = stripe_client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert event_types(stripe_client)[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]
    assert refund(stripe_client, intent.id).status == "succeeded"
    with pytest.raises(ValueError, match="already failed"):
        stripe_server.settle_refund(first.id, "succeeded")


def test_a_pending_refund_counts_and_succeeds_later(stripe_client, stripe_server):
    intent = captured(stripe_client, "pm_card_pendingRefund")
    pending = refund(stripe_client, intent.id, amount=1200)
    assert pending.status == "pending"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        refund(stripe_client, intent.id, amount=900)
    stripe_server.settle_refund(pending.id, "succeeded")
    assert stripe_client.v1.refunds.retrieve(pending.id).status == "succeeded"


@pytest.mark.parametrize(("card", "by_fault"), [("pm_card_refundFail", False), ("pm_card_visa", True)])
def test_a_refund_fails_by_itself_later(stripe_client, stripe_server, receiver, card, by_fault):
    stripe_client.v1.webhook_endpoints.create(params={"url": receiver.url, "enabled_events": ["refund.failed"]})
    if by_fault:
        stripe_server.fault("refund_fails", delay_ms=20, failure_reason="expired_or_canceled_card")
    intent = captured(stripe_client, card)
    given = refund(stripe_client, intent.id)
    assert given.status == "succeeded"
    event = json.loads(receiver.next().body)
    assert (event["type"], event["data"]["object"]["id"]) == ("refund.failed", given.id)
    assert stripe_client.v1.refunds.retrieve(given.id).failure_reason == "expired_or_canceled_card"


def test_the_metadata_of_a_refund_can_change_and_little_else(stripe_client):
    given = refund(stripe_client, captured(stripe_client).id)
    changed = stripe_client.v1.refunds.update(given.id, params={"metadata": {"note": "x"}})
    assert changed.metadata["note"] == "x"
    with pytest.raises(stripe.InvalidRequestError, match="cannot be canceled"):
        stripe_client.v1.refunds.cancel(given.id)
    listed = stripe_client.v1.refunds.list(params={"payment_intent": given.payment_intent}).data
    assert [found.id for found in listed] == [given.id]
