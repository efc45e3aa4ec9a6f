import uuid
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from payments import rules
from payments.rules import DeclineReason, PaymentState

AT = datetime(2026, 6, 16, 14, 0, tzinfo=UTC)
BODY = b'{"id": "evt_1"}'
stored = st.sampled_from(rules.STORED_STATES)


def signed(secret, body=BODY, at=AT):
    return stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(at.timestamp()))


@given(st.lists(stored, max_size=12))
def test_news_in_any_order_and_repeated_ends_in_the_same_state(news):
    def after(sequence):
        state = PaymentState.PENDING
        for new in sequence:
            state = new if rules.may_become(state, new) else state
        return state

    if {PaymentState.SUCCEEDED, PaymentState.CANCELLED} <= set(news):
        return  # the provider never says both
    assert after(news) == after(reversed(news)) == after(news + news)


@given(stored, stored)
def test_nothing_goes_back_and_an_end_is_an_end(old, new):
    assert not (rules.may_become(old, new) and rules.may_become(new, old))
    if old in rules.FINAL_STATES:
        assert not rules.may_become(old, new)


@given(st.uuids(), st.integers(1, 30_000), st.integers(1, 30_000), st.text(max_size=3000))
def test_keys_fit_and_tell_operations_apart(edit, attempt, round_, argument):
    base = rules.idempotency_key(edit, attempt)
    keys = {rules.call_key(base, name, round_, argument) for name in ("authorise", "confirm", "capture", "void")}
    keys.add(rules.call_key(base, "authorise", round_ + 1, argument))
    assert len(keys) == 5
    assert all(len(key) <= 255 for key in keys)


def test_a_key_that_would_not_fit_is_refused():
    with pytest.raises(ValueError, match="255"):
        rules.call_key("x" * 300, "capture", 1)


@pytest.mark.parametrize(
    ("code", "decline_code", "reason"),
    [
        ("card_declined", "insufficient_funds", DeclineReason.FUNDS),
        ("card_declined", "generic_decline", DeclineReason.REFUSED),
        ("card_declined", "lost_card", DeclineReason.REFUSED),
        ("card_declined", "stolen_card", DeclineReason.REFUSED),
        ("card_declined", "fraudulent", DeclineReason.REFUSED),
        ("expired_card", "", DeclineReason.EXPIRED),
        ("processing_error", "", DeclineReason.TRY_LATER),
        ("payment_intent_authentication_failure", "", DeclineReason.NOT_CONFIRMED),
        ("brand_new_code", "brand_new_reason", DeclineReason.REFUSED),
    ],
)
def test_decline_reasons(code, decline_code, reason):
    assert rules.decline_reason(code, decline_code) is reason


def test_a_signature_made_by_stripes_own_library_holds():
    assert rules.signature_holds(BODY, signed("whsec_a"), ["whsec_a"], AT)


def test_the_secret_before_still_holds():
    assert rules.signature_holds(BODY, signed("whsec_old"), ["whsec_new", "whsec_old"], AT)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_s29_a_signature_outside_the_tolerance_does_not_hold(seconds):
    assert not rules.signature_holds(BODY, signed("whsec_a"), ["whsec_a"], AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_signature_within_the_tolerance_holds(seconds):
    assert rules.signature_holds(BODY, signed("whsec_a"), ["whsec_a"], AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "header",
    ["", "t=", "v1=abc", "t=abc,v1=abc", "t=-5,v1=", "t=99999999999999999999,v1=a", "t=١٢٣,v1=a", "🦊", "t=1,v0=x"],
)
def test_nonsense_does_not_hold(header):
    assert not rules.signature_holds(BODY, header, ["whsec_a"], AT)


@given(st.binary(max_size=50), st.text(max_size=80))
def test_no_header_of_a_stranger_holds(body, header):
    assert not rules.signature_holds(body, header, ["whsec_a"], AT)


def test_another_body_another_secret_and_no_secret_do_not_hold():
    header = signed("whsec_a")
    assert not rules.signature_holds(BODY + b" ", header, ["whsec_a"], AT)
    assert not rules.signature_holds(BODY, header, ["whsec_b"], AT)
    assert not rules.signature_holds(BODY, signed(""), [""], AT)
    assert not rules.signature_holds(BODY, header, [], AT)


def test_one_good_signature_among_several_is_enough():
    header = f"{signed('whsec_a')},v1={'0' * 64},v0=nothing"
    assert rules.signature_holds(BODY, header, ["whsec_a"], AT)


def test_attempts_of_one_edit_have_their_own_keys():
    edit = uuid.uuid4()
    assert rules.idempotency_key(edit, 1) != rules.idempotency_key(edit, 2)
