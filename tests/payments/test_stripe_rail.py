"""The rail against the Stripe server, over HTTP, without our records."""

import socket

import pytest

from payments.errors import RailMisconfigured
from payments.rails.base import AuthoriseRequest, FindRequest, RailState
from payments.rails.stripe import StripeRail, from_stripe_amount, to_stripe_amount


@pytest.fixture
def rail(stripe_server):
    return StripeRail(api_key=stripe_server.api_key, api_base=stripe_server.url)


@pytest.fixture
def request_for(stripe_server, stripe_client):
    def make(*, behaviour="ok", **changes):
        customer = stripe_client.v1.customers.create(params={})
        method = stripe_client.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
        if behaviour != "ok":
            stripe_server.set_card(method.id, behaviour)
        values = {
            "amount_minor": 1225,
            "currency": "USD",
            "customer": customer.id,
            "payment_method": method.id,
            "idempotency_key": f"key-{method.id}",
            "metadata": {"payment": method.id},
            **changes,
        }
        return AuthoriseRequest(**values)

    return make


def test_authorise_then_capture(rail, request_for):
    held = rail.authorise(request_for())
    assert (held.state, held.amount_minor, held.currency, held.captured_minor) == (
        RailState.REQUIRES_CAPTURE, 1225, "USD", 0,
    )  # fmt: skip
    taken = rail.capture(held.intent, idempotency_key="capture-1")
    assert (taken.state, taken.captured_minor) == (RailState.SUCCEEDED, 1225)
    assert rail.fetch(held.intent).state is RailState.SUCCEEDED


def test_void_and_void_too_late(rail, request_for):
    held = rail.authorise(request_for())
    assert rail.void(held.intent, idempotency_key="void-1").state is RailState.CANCELLED
    other = rail.authorise(request_for())
    rail.capture(other.intent, idempotency_key="capture-2")
    late = rail.void(other.intent, idempotency_key="void-2")
    assert (late.state, late.captured_minor) == (RailState.SUCCEEDED, 1225)


@pytest.mark.parametrize(
    ("behaviour", "code", "decline_code"),
    [
        ("generic", "card_declined", "generic_decline"),
        ("insufficient_funds", "card_declined", "insufficient_funds"),
        ("lost_card", "card_declined", "lost_card"),
        ("expired_card", "expired_card", ""),
        ("processing_error", "processing_error", ""),
        ("velocity", "card_declined", "card_velocity_exceeded"),
    ],
)
def test_declines_carry_their_reason_and_intent(rail, request_for, behaviour, code, decline_code):
    result = rail.authorise(request_for(behaviour=behaviour))
    assert result.state is RailState.DECLINED
    assert (result.code, result.decline_code) == (code, decline_code)
    assert result.intent.startswith("pi_")


def test_authentication_goes_on_with_the_same_intent(rail, request_for):
    request = request_for(behaviour="always_authenticate")
    asked = rail.authorise(request)
    assert (asked.state, asked.code, asked.next_url) == (RailState.REQUIRES_ACTION, "authentication_required", "")
    sent = rail.confirm_on_session(
        asked.intent,
        payment_method=request.payment_method,
        return_url="http://127.0.0.1/back",
        idempotency_key="confirm-1",
    )
    assert sent.state is RailState.REQUIRES_ACTION
    assert sent.intent == asked.intent
    assert asked.intent in sent.next_url


def test_yen_go_as_they_are(rail, request_for, stripe_client):
    held = rail.authorise(request_for(currency="JPY", amount_minor=1250))
    assert (held.amount_minor, held.currency) == (1250, "JPY")
    assert stripe_client.v1.payment_intents.retrieve(held.intent).amount == 1250


@pytest.mark.parametrize(
    ("minor", "currency", "theirs"),
    [
        (1250, "JPY", 1250),
        (1250, "USD", 1250),
        (1250, "ISK", 125_000),
        (5, "UGX", 500),
        (1250, "KWD", 1250),
        (1251, "KWD", None),
    ],
)
def test_amounts_as_stripe_counts_them(minor, currency, theirs):
    assert to_stripe_amount(minor, currency) == theirs
    if theirs is not None:
        assert from_stripe_amount(theirs, currency) == minor


def test_an_amount_that_cards_cannot_pay_is_declined_without_a_call(rail, request_for, stripe_server):
    result = rail.authorise(request_for(currency="KWD", amount_minor=1251))
    assert (result.state, result.code) == (RailState.DECLINED, "amount_not_chargeable")
    assert stripe_server.payment_intents()["count"] == 0


def test_a_card_that_is_gone_is_a_decline(rail, request_for):
    result = rail.authorise(request_for(payment_method="pm_never_was"))
    assert (result.state, result.code, result.intent) == (RailState.DECLINED, "resource_missing", "")


def test_the_same_key_is_one_intent_and_marked_as_replay_on_failure(rail, request_for, stripe_server):
    request = request_for()
    stripe_server.fault("error_after_apply", method="POST", path="/v1/payment_intents")
    first, second = rail.authorise(request), rail.authorise(request)
    assert (first.state, first.is_replay) == (RailState.UNKNOWN, False)
    assert (second.state, second.is_replay) == (RailState.UNKNOWN, True)
    assert stripe_server.payment_intents()["count"] == 1


def test_other_parameters_under_one_key_are_unknown_never_declined(rail, request_for):
    request = request_for()
    rail.authorise(request)
    again = rail.authorise(request_for(idempotency_key=request.idempotency_key))
    assert (again.state, again.is_replay) == (RailState.UNKNOWN, True)


def test_time_out_is_unknown(rail, request_for, stripe_server):
    stripe_server.fault("timeout_after_apply", method="POST", path="/v1/payment_intents")
    assert rail.authorise(request_for()).state is RailState.UNKNOWN


def test_nobody_listens_is_unavailable(request_for):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    rail = StripeRail(api_key="sk_test_x", api_base=f"http://127.0.0.1:{port}")
    assert rail.authorise(request_for()).state is RailState.UNAVAILABLE


def test_find_by_metadata(rail, request_for):
    request = request_for()
    held = rail.authorise(request)
    search = {"customer": request.customer, "created_after": 0}
    assert rail.find(FindRequest(**search, metadata=request.metadata)).intent == held.intent
    assert rail.find(FindRequest(**search, metadata={"payment": "other"})).state is RailState.MISSING


def test_an_intent_nobody_knows_is_missing(rail):
    assert rail.fetch("pi_never_was").state is RailState.MISSING


def test_a_wrong_key_is_a_wrong_configuration(stripe_server, request_for):
    rail = StripeRail(api_key="nonsense", api_base=stripe_server.url)
    with pytest.raises(RailMisconfigured):
        rail.authorise(request_for())


def test_no_key_is_a_wrong_configuration():
    with pytest.raises(RailMisconfigured):
        StripeRail(api_key="")


def test_the_connected_account_is_charged(stripe_server, stripe_client):
    options = {"stripe_account": "acct_kiln"}
    customer = stripe_client.v1.customers.create(params={}, options=options)
    method = stripe_client.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id}, options=options)
    rail = StripeRail(api_key=stripe_server.api_key, api_base=stripe_server.url, account_id="acct_kiln")
    held = rail.authorise(AuthoriseRequest(1225, "USD", customer.id, method.id, "k"))
    assert held.state is RailState.REQUIRES_CAPTURE
    assert stripe_server.payment_intents(account="acct_kiln")["count"] == 1
    assert stripe_server.payment_intents()["count"] == 0
