"""What the saga relies on: one attempt is one intent, whatever is lost, repeated or late."""

import uuid
from datetime import timedelta

import pytest

from core import clock
from core.errors import NotFound
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from merchants.services.merchants import merchant_create
from payments.errors import NoSavedCard, PaymentAttemptConflict, PaymentStateConflict, RailMisconfigured
from payments.models import PaymentEvent, PaymentIntentRecord
from payments.rails.stripe import StripeRail
from payments.rules import DeclineReason, PaymentState
from payments.selectors import intent_list_for_edit, intent_list_for_order
from payments.services import records
from payments.services.charges import (
    payment_authorise,
    payment_capture,
    payment_confirm_on_session,
    payment_refresh,
    payment_void,
)
from tests.payments.conftest import EDIT, card_of

INTENTS = {"method": "POST", "path": "/v1/payment_intents"}
RETURN_URL = "http://127.0.0.1/m/harrow-pine/o/1/edit/2/"


def test_s22_the_saved_card_is_charged_for_the_difference_only(shop, order):
    held = shop.authorise(order)
    assert held.state is PaymentState.REQUIRES_CAPTURE
    taken = payment_capture(intent_id=held.intent_id)
    assert (taken.state, taken.captured_minor) == (PaymentState.SUCCEEDED, 1225)
    seen = shop.intents(edit=str(EDIT))
    assert (seen["count"], seen["captured"]) == (1, {"usd": 1225})
    assert seen["data"][0]["metadata"] == {
        "merchant": str(shop.merchant.pk),
        "payment": str(held.intent_id),
        "order": str(order.pk),
        "edit": str(EDIT),
        "attempt": "1",
    }


def test_every_step_is_in_the_history(shop, order):
    held = shop.authorise(order)
    payment_capture(intent_id=held.intent_id)
    [record] = intent_list_for_order(order.pk)
    steps = [(event.kind, event.to_status) for event in record.events.order_by("at", "id")]
    assert steps == [
        ("authorise.called", "pending"),
        ("authorise.answered", "requires_capture"),
        ("capture.called", "requires_capture"),
        ("capture.answered", "succeeded"),
    ]
    assert not record.open_call


def test_s09_the_same_attempt_twice_is_one_charge(shop, order):
    first, second = shop.authorise(order), shop.authorise(order)
    assert first == second
    assert payment_capture(intent_id=first.intent_id) == payment_capture(intent_id=first.intent_id)
    assert (shop.intents()["count"], shop.intents()["captured"]) == (1, {"usd": 1225})


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("generic", DeclineReason.REFUSED),
        ("insufficient_funds", DeclineReason.FUNDS),
        ("stolen_card", DeclineReason.REFUSED),
        ("expired_card", DeclineReason.EXPIRED),
        ("processing_error", DeclineReason.TRY_LATER),
    ],
)
def test_s26_a_decline_says_why_and_another_attempt_may_follow(shop, behaviour, reason):
    order = shop.order(behaviour=behaviour)
    refused = shop.authorise(order)
    assert (refused.state, refused.reason) == (PaymentState.DECLINED, reason)
    assert "othing was charged" in refused.message
    assert shop.authorise(order).state is PaymentState.DECLINED
    shop.server.set_card(card_of(order).payment_method, "ok")
    again = shop.authorise(order, attempt=2)
    assert again.state is PaymentState.REQUIRES_CAPTURE
    assert again.intent_id != refused.intent_id
    assert shop.intents()["statuses"] == {"requires_payment_method": 1, "requires_capture": 1}


def test_a_card_that_the_provider_has_forgotten_is_a_decline(shop, order):
    order.tenders.update(provider_payment_method="pm_gone")
    refused = shop.authorise(order)
    assert (refused.state, refused.reason) == (PaymentState.DECLINED, DeclineReason.CARD_GONE)


def test_s15_yen_are_charged_as_yen(shop):
    order = shop.order(currency="JPY")
    held = shop.authorise(order, amount_minor=1250)
    payment_capture(intent_id=held.intent_id)
    assert shop.intents()["captured"] == {"jpy": 1250}


def test_no_saved_card(shop):
    with pytest.raises(NoSavedCard):
        shop.authorise(shop.bare_order())
    assert not PaymentIntentRecord.objects.exists()


def test_an_attempt_keeps_its_amount_and_order(shop, order):
    shop.authorise(order)
    with pytest.raises(PaymentAttemptConflict):
        shop.authorise(order, amount_minor=1226)
    with pytest.raises(PaymentAttemptConflict):
        shop.authorise(shop.order())
    assert shop.intents()["count"] == 1


def test_no_second_attempt_while_the_first_may_still_take_money(shop, order):
    held = shop.authorise(order)
    with pytest.raises(PaymentAttemptConflict):
        shop.authorise(order, attempt=2)
    payment_void(intent_id=held.intent_id)
    assert shop.authorise(order, attempt=2).state is PaymentState.REQUIRES_CAPTURE


def test_an_order_and_a_payment_of_nobody_are_not_found(shop, order):
    with pytest.raises(NotFound):
        payment_authorise(order_id=uuid.uuid4(), edit_id=EDIT, attempt=1, amount_minor=1)
    for service in (payment_capture, payment_void, payment_refresh):
        with pytest.raises(NotFound):
            service(intent_id=uuid.uuid4())


def test_s48_a_payment_of_another_merchant_is_not_found(shop, order):
    held = shop.authorise(order)
    stranger = merchant_create(slug="stranger", name="Stranger", currency="USD")
    with tenant_scope(stranger.pk):
        for service in (payment_capture, payment_void, payment_refresh):
            with pytest.raises(NotFound):
                service(intent_id=held.intent_id)
        with pytest.raises(NotFound):
            shop.authorise(order)
    assert shop.intents()["statuses"] == {"requires_capture": 1}


def test_without_a_key_nothing_is_tried_and_it_works_once_there_is_one(shop, order, settings):
    key, settings.STRIPE_API_KEY = settings.STRIPE_API_KEY, ""
    with pytest.raises(RailMisconfigured):
        shop.authorise(order)
    settings.STRIPE_API_KEY = key
    assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE


def test_a_key_that_stripe_refuses_leaves_nothing_in_doubt(shop, order, settings):
    settings.STRIPE_API_KEY = "nonsense"
    with pytest.raises(RailMisconfigured):
        shop.authorise(order)
    [record] = intent_list_for_edit(EDIT)
    assert payment_void(intent_id=record.pk).state is PaymentState.CANCELLED


# Answers that are lost


@pytest.mark.parametrize("fault", ["timeout_after_apply", "error_after_apply", "error_before_apply"])
def test_a_lost_answer_to_the_authorisation_is_found_again(shop, order, fault):
    shop.server.fault(fault, **INTENTS)
    assert shop.authorise(order).state is PaymentState.UNKNOWN
    outcome = shop.authorise(order)
    if outcome.should_call_again:  # the first call failed before anything was done, and its key only repeats that
        outcome = shop.authorise(order)
    assert outcome.state is PaymentState.REQUIRES_CAPTURE
    assert shop.intents()["count"] == 1


def test_a_failure_that_the_key_does_not_remember_is_tried_again(shop, order):
    shop.server.fault("error_before_apply", stored=False, **INTENTS)
    assert shop.authorise(order).state is PaymentState.UNKNOWN
    assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE


@pytest.mark.parametrize("fault", ["timeout_after_apply", "error_after_apply", "error_before_apply"])
def test_a_lost_answer_to_the_capture_is_found_again(shop, order, fault):
    held = shop.authorise(order)
    shop.server.fault(fault, method="POST", path="/v1/payment_intents/*/capture")
    assert payment_capture(intent_id=held.intent_id).state is PaymentState.UNKNOWN
    assert payment_capture(intent_id=held.intent_id).state is PaymentState.SUCCEEDED
    assert shop.intents()["captured"] == {"usd": 1225}


@pytest.mark.parametrize("fault", ["timeout_after_apply", "error_after_apply", "error_before_apply"])
def test_a_lost_answer_to_the_void_is_found_again(shop, order, fault):
    held = shop.authorise(order)
    shop.server.fault(fault, method="POST", path="/v1/payment_intents/*/cancel")
    assert payment_void(intent_id=held.intent_id).state is PaymentState.UNKNOWN
    assert payment_void(intent_id=held.intent_id).state is PaymentState.CANCELLED


@pytest.mark.parametrize("fault", ["timeout_after_apply", "error_after_apply", "error_before_apply"])
def test_a_lost_answer_to_the_confirmation_is_found_again(shop, fault):
    asked = shop.authorise(shop.order(behaviour="always_authenticate"))
    shop.server.fault(fault, method="POST", path="/v1/payment_intents/*/confirm")
    lost = payment_confirm_on_session(intent_id=asked.intent_id, return_url=RETURN_URL)
    assert lost.state is PaymentState.UNKNOWN
    found = payment_confirm_on_session(intent_id=asked.intent_id, return_url=RETURN_URL)
    assert found.state is PaymentState.REQUIRES_ACTION
    assert asked.provider_intent_id in found.next_url


def test_while_nobody_listens_nothing_is_done(shop, order, settings):
    url, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    assert shop.authorise(order).state is PaymentState.UNAVAILABLE
    settings.STRIPE_API_BASE = url
    assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE


def test_doubt_stays_when_the_next_call_does_not_get_through(shop, order, settings):
    shop.server.fault("timeout_after_apply", **INTENTS)
    shop.authorise(order)
    url, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    assert shop.authorise(order).state is PaymentState.UNKNOWN
    settings.STRIPE_API_BASE = url
    assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE
    assert shop.intents()["count"] == 1


def test_killed_between_recording_the_call_and_making_it(shop, order):
    card = card_of(order)
    record = records.record_open(
        order_id=order.pk, edit_id=EDIT, attempt=1, amount_minor=1225, currency="USD", card=card, description=""
    )
    assert record is not None
    records.call_open(record.pk, "authorise", when=PaymentState.PENDING)
    assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE
    assert shop.intents()["count"] == 1


def test_killed_before_the_capture_was_recorded(shop, order):
    held = shop.authorise(order)
    records.call_open(held.intent_id, "capture", when=PaymentState.REQUIRES_CAPTURE)
    shop.client.v1.payment_intents.capture(held.provider_intent_id)
    assert payment_capture(intent_id=held.intent_id).state is PaymentState.SUCCEEDED
    assert shop.intents()["captured"] == {"usd": 1225}


@pytest.mark.parametrize("fault", ["timeout_after_apply", "error_before_apply"])
def test_after_a_day_the_provider_is_asked_before_a_key_is_used_again(shop, order, fault):
    shop.server.fault(fault, **INTENTS)
    assert shop.authorise(order).state is PaymentState.UNKNOWN
    shop.server.advance_clock(25 * 3600)  # the key is forgotten
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE
    assert shop.intents()["count"] == 1


# The bank wants the shopper


def test_s23_authentication_completes_the_same_intent(shop, stripe_bank):
    order = shop.order(behaviour="always_authenticate")
    asked = shop.authorise(order)
    assert (asked.state, asked.next_url) == (PaymentState.REQUIRES_ACTION, "")
    sent = payment_confirm_on_session(intent_id=asked.intent_id, return_url=RETURN_URL)
    pressed_twice = payment_confirm_on_session(intent_id=asked.intent_id, return_url=RETURN_URL)
    assert sent.next_url == pressed_twice.next_url
    stripe_bank(sent.next_url, "approve")
    back = payment_refresh(intent_id=asked.intent_id)
    assert (back.state, back.next_url) == (PaymentState.REQUIRES_CAPTURE, "")
    assert payment_capture(intent_id=asked.intent_id).state is PaymentState.SUCCEEDED
    assert shop.intents()["count"] == 1


def test_failing_the_bank_is_a_decline(shop, stripe_bank):
    asked = shop.authorise(shop.order(behaviour="always_authenticate"))
    sent = payment_confirm_on_session(intent_id=asked.intent_id, return_url=RETURN_URL)
    stripe_bank(sent.next_url, "fail")
    failed = payment_refresh(intent_id=asked.intent_id)
    assert (failed.state, failed.reason) == (PaymentState.DECLINED, DeclineReason.NOT_CONFIRMED)


def test_s24_an_unfinished_authentication_is_cancelled_first(shop, stripe_bank):
    asked = shop.authorise(shop.order(behaviour="always_authenticate"))
    sent = payment_confirm_on_session(intent_id=asked.intent_id, return_url=RETURN_URL)
    assert payment_void(intent_id=asked.intent_id).state is PaymentState.CANCELLED
    stripe_bank(sent.next_url, "approve")
    assert payment_refresh(intent_id=asked.intent_id).state is PaymentState.CANCELLED


def test_going_to_the_bank_is_pointless_once_it_is_settled(shop, order):
    held = shop.authorise(order)
    answer = payment_confirm_on_session(intent_id=held.intent_id, return_url=RETURN_URL)
    assert (answer.state, answer.next_url) == (PaymentState.REQUIRES_CAPTURE, "")


# Void


def test_a_void_that_comes_too_late_says_so(shop, order):
    held = shop.authorise(order)
    payment_capture(intent_id=held.intent_id)
    assert payment_void(intent_id=held.intent_id).state is PaymentState.SUCCEEDED


def test_a_void_notices_a_capture_that_was_never_recorded(shop, order):
    held = shop.authorise(order)
    shop.client.v1.payment_intents.capture(held.provider_intent_id)
    assert payment_void(intent_id=held.intent_id).state is PaymentState.SUCCEEDED


def test_void_twice(shop, order):
    held = shop.authorise(order)
    assert payment_void(intent_id=held.intent_id) == payment_void(intent_id=held.intent_id)


def test_what_is_to_be_voided_is_neither_captured_nor_charged_again(shop, order):
    held = shop.authorise(order)
    payment_void(intent_id=held.intent_id)
    with pytest.raises(PaymentStateConflict, match="to be voided"):
        payment_capture(intent_id=held.intent_id)
    assert shop.authorise(order).state is PaymentState.CANCELLED


def test_void_of_an_authorisation_in_doubt_finds_and_cancels_it(shop, order):
    shop.server.fault("timeout_after_apply", **INTENTS)
    lost = shop.authorise(order)
    assert payment_void(intent_id=lost.intent_id).state is PaymentState.CANCELLED
    assert shop.intents()["statuses"] == {"canceled": 1}


def test_void_of_an_authorisation_that_never_happened_waits_until_that_is_sure(shop, order):
    shop.server.fault("error_before_apply", **INTENTS)
    lost = shop.authorise(order)
    assert payment_void(intent_id=lost.intent_id).state is PaymentState.UNKNOWN
    assert shop.authorise(order).state is PaymentState.UNKNOWN  # it must not be charged any more
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        assert payment_void(intent_id=lost.intent_id).state is PaymentState.CANCELLED
    assert shop.intents()["count"] == 0


def test_an_intent_that_turns_up_after_all_is_cancelled(shop, order):
    shop.server.fault("error_before_apply", **INTENTS)
    lost = shop.authorise(order)
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        payment_void(intent_id=lost.intent_id)
    card = card_of(order)
    late = shop.client.v1.payment_intents.create(
        params={
            "amount": 1225,
            "currency": "usd",
            "customer": card.customer,
            "payment_method": card.payment_method,
            "allowed_payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            "off_session": True,
            "metadata": {"merchant": str(shop.merchant.pk), "payment": str(lost.intent_id)},
        }
    )
    assert payment_refresh(intent_id=lost.intent_id).state is PaymentState.CANCELLED
    assert shop.client.v1.payment_intents.retrieve(late.id).status == "canceled"


def test_who_wakes_up_after_the_undoing_gives_back_what_it_got(shop, order, monkeypatch):
    """A driver is suspended just before its call; others have undone the edit when the call goes out."""
    call = StripeRail.authorise

    def late(rail, request):
        with clock.frozen(clock.now() + timedelta(minutes=3)):
            assert payment_void(intent_id=PaymentIntentRecord.objects.get().pk).state is PaymentState.CANCELLED
        return call(rail, request)

    monkeypatch.setattr(StripeRail, "authorise", late)
    assert shop.authorise(order).state is PaymentState.CANCELLED
    assert shop.intents()["statuses"] == {"canceled": 1}


# Refresh


def test_a_refresh_that_changes_something_is_announced_once(shop, order):
    held = shop.authorise(order)
    shop.client.v1.payment_intents.capture(held.provider_intent_id)
    payment_refresh(intent_id=held.intent_id)
    payment_refresh(intent_id=held.intent_id)
    [event] = OutboxEvent.objects.filter(name="payment.updated")
    assert event.payload == {"intent_id": str(held.intent_id), "order_id": str(order.pk), "edit_id": str(EDIT)}


def test_the_answers_a_caller_has_are_not_announced(shop, order):
    payment_capture(intent_id=shop.authorise(order).intent_id)
    assert not OutboxEvent.objects.filter(name="payment.updated").exists()


def test_an_unknown_outcome_is_refreshed_too(shop, order):
    shop.server.fault("timeout_after_apply", **INTENTS)
    lost = shop.authorise(order)
    assert payment_refresh(intent_id=lost.intent_id).state is PaymentState.REQUIRES_CAPTURE
    assert PaymentEvent.objects.filter(source="refresh").count() == 1
