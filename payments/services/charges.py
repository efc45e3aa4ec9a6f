"""The five things a saga does with a payment. See `payments.services` for what callers may rely on."""

import uuid
from dataclasses import dataclass

from core import clock
from core.errors import NotFound
from core.tenancy import require_merchant_id
from orders.models import Order
from payments.errors import NoSavedCard, PaymentStateConflict, RailMisconfigured
from payments.models import PaymentEvent, PaymentIntentRecord
from payments.rails.base import AuthoriseRequest, FindRequest, Rail, RailState
from payments.rails.registry import rail_for
from payments.rules import (
    CALL_LIFETIME,
    FINAL_STATES,
    DeclineReason,
    PaymentState,
    decline_reason,
)
from payments.selectors import saved_card
from payments.services import records
from payments.texts import decline_message

__all__ = [
    "PaymentOutcome",
    "PaymentState",
    "payment_authorise",
    "payment_capture",
    "payment_confirm_on_session",
    "payment_refresh",
    "payment_void",
]

# Clocks differ: an intent of ours may look this much older than its record.
CLOCK_SLACK_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class PaymentOutcome:
    """How things stand after a call. UNKNOWN and UNAVAILABLE: call again, with the same arguments."""

    intent_id: uuid.UUID
    state: PaymentState
    amount_minor: int
    currency: str
    captured_minor: int
    provider_intent_id: str
    next_url: str  # REQUIRES_ACTION after payment_confirm_on_session: the bank's page
    error_code: str
    decline_code: str
    reason: DeclineReason | None
    message: str  # DECLINED: to the shopper, in their language

    @property
    def should_call_again(self) -> bool:
        return self.state in (PaymentState.UNKNOWN, PaymentState.UNAVAILABLE, PaymentState.PENDING)


def payment_authorise(
    *, order_id: uuid.UUID, edit_id: uuid.UUID, attempt: int, amount_minor: int, description: str = ""
) -> PaymentOutcome:
    """Charge the saved card off session, to be captured later.

    Before a key is used again, the provider is asked whether the intent exists. So a key that it has forgotten (after
    24 hours) cannot make a second one, and a stored 500 does not hide an intent that was made.
    """
    order = Order.objects.filter(merchant_id=require_merchant_id(), pk=order_id).only("currency").first()
    if order is None:
        raise NotFound
    card = saved_card(order_id)
    if card is not None:
        rail_for(card.provider, require_merchant_id())  # if it is not set up, nothing is begun
    record = records.record_open(
        order_id=order_id,
        edit_id=edit_id,
        attempt=attempt,
        amount_minor=amount_minor,
        currency=order.currency,
        card=card,
        description=description,
    )
    if record is None:
        raise NoSavedCard
    if record.status != PaymentState.PENDING:
        return _outcome(record)
    if record.void_requested_at:
        return payment_void(intent_id=record.pk)
    rail = rail_for(record.rail, record.merchant_id)
    record, answer = _look(rail, record)
    if record.status != PaymentState.PENDING or record.provider_intent_id or answer in _NO_ANSWER:
        return _outcome(record, answer)
    return _authorise(rail, record)


def _authorise(rail: Rail, record: PaymentIntentRecord) -> PaymentOutcome:
    call = records.call_open(record.pk, "authorise", when=PaymentState.PENDING)
    if call is None:
        return _outcome(_reread(record))
    try:
        result = rail.authorise(_request(call))
    except RailMisconfigured:
        records.call_undone(call)
        raise
    if result.state is RailState.UNKNOWN and result.is_replay:
        # The provider has stored a failure under this key and would repeat it for ever.
        found = rail.find(_search(call.record))
        if found.state is not RailState.MISSING:
            result = found
        else:
            records.key_rotate(record.pk, call.record.key_round)
    record = records.result_apply(record.pk, "authorise.answered", result, call=call)
    if record.void_requested_at and record.provider_intent_id and record.status not in FINAL_STATES:
        return payment_void(intent_id=record.pk)  # the edit was undone while the call was on its way
    return _outcome(record, result.state)


def payment_confirm_on_session(*, intent_id: uuid.UUID, return_url: str) -> PaymentOutcome:
    """Where the shopper goes to satisfy the bank. The same intent each time, also when the button is pressed twice."""
    record = _get(intent_id)
    rail = rail_for(record.rail, record.merchant_id)
    record, answer = _look(rail, record, always=record.status == PaymentState.REQUIRES_ACTION)
    if record.status != PaymentState.REQUIRES_ACTION or record.next_action_url or answer in _NO_ANSWER:
        return _outcome(record, answer)
    call = records.call_open(intent_id, "confirm", when=PaymentState.REQUIRES_ACTION, argument=return_url)
    if call is None:
        return _outcome(_reread(record))
    result = rail.confirm_on_session(
        record.provider_intent_id,
        payment_method=record.provider_payment_method,
        return_url=return_url,
        idempotency_key=call.key,
    )
    record = records.result_apply(intent_id, "confirm.answered", result, call=call)
    return _outcome(record, result.state)


def payment_capture(*, intent_id: uuid.UUID) -> PaymentOutcome:
    """Take the authorised money. Raises PaymentStateConflict if it is not authorised, or is to be voided."""
    record = _get(intent_id)
    rail = rail_for(record.rail, record.merchant_id)
    record, answer = _look(rail, record)
    if record.status == PaymentState.SUCCEEDED or answer in _NO_ANSWER:
        return _outcome(record, answer)
    call = records.call_open(intent_id, "capture", when=PaymentState.REQUIRES_CAPTURE)
    if call is None:
        record = _reread(record)
        if record.status == PaymentState.SUCCEEDED:
            return _outcome(record)
        status = "to be voided" if record.void_requested_at else record.get_status_display().lower()
        raise PaymentStateConflict(status=status, verb="captured")
    result = rail.capture(record.provider_intent_id, idempotency_key=call.key)
    record = records.result_apply(intent_id, "capture.answered", result, call=call)
    return _outcome(record, result.state)


def payment_void(*, intent_id: uuid.UUID) -> PaymentOutcome:
    """Cancel; SUCCEEDED in the answer means too late. The wish is kept: what turns up later is cancelled then."""
    record = records.void_request(_get(intent_id).pk)
    if not record.open_call and not record.provider_intent_id:
        return _outcome(records.cancel_unsent(record.pk))
    rail = rail_for(record.rail, record.merchant_id)
    record, answer = _look(rail, record)
    if record.status in FINAL_STATES or answer in _NO_ANSWER:
        return _outcome(record, answer)
    if not record.provider_intent_id:
        # Without an answer to the first call, one cannot know yet that there is nothing to cancel.
        if record.open_call_at and clock.now() - record.open_call_at < CALL_LIFETIME:
            return _outcome(record, RailState.MISSING)
        return _outcome(records.cancel_unsent(record.pk))
    call = records.call_open(intent_id, "void", when=PaymentState(record.status))
    if call is None:
        return payment_void(intent_id=intent_id)  # it moved meanwhile, and can only move forwards
    result = rail.void(record.provider_intent_id, idempotency_key=call.key)
    record = records.result_apply(intent_id, "void.answered", result, call=call)
    return _outcome(record, result.state)


def payment_refresh(
    *, intent_id: uuid.UUID, source: PaymentEvent.Source = PaymentEvent.Source.REFRESH
) -> PaymentOutcome:
    """Fetch the provider's truth and apply it; announces a change as `payment.updated`. Voids what was to be voided."""
    record = _get(intent_id)
    rail = rail_for(record.rail, record.merchant_id)
    record, answer = _look(rail, record, always=True, source=source)
    if record.void_requested_at and record.provider_intent_id and record.status not in FINAL_STATES:
        return payment_void(intent_id=intent_id)
    return _outcome(record, answer)


_NO_ANSWER = (RailState.UNKNOWN, RailState.UNAVAILABLE)


def _look(
    rail: Rail,
    record: PaymentIntentRecord,
    *,
    always: bool = False,
    source: PaymentEvent.Source = PaymentEvent.Source.SERVICE,
) -> tuple[PaymentIntentRecord, RailState | None]:
    """If the outcome of an earlier call is in doubt, see what became of it before anything else is tried."""
    if not record.open_call and not always:
        return record, None
    known = record.provider_intent_id
    result = rail.fetch(known) if known else rail.find(_search(record))
    if known and record.open_call and result.state.is_conclusive:
        # The earlier answer, perhaps a stored failure, has been overtaken by what we saw.
        records.key_rotate(record.pk, record.key_round)
    record = records.result_apply(record.pk, "lookup.answered", result, source=source)
    # Without a call in doubt, a look-up that got no answer leaves nothing unknown.
    lost = result.state is RailState.UNKNOWN and not record.open_call
    return record, RailState.UNAVAILABLE if lost else result.state


def _request(call: records.Call) -> AuthoriseRequest:
    """From the record alone, so that a repeated call has the same parameters."""
    record = call.record
    return AuthoriseRequest(
        amount_minor=record.amount_minor,
        currency=record.currency,
        customer=record.provider_customer,
        payment_method=record.provider_payment_method,
        idempotency_key=call.key,
        description=record.description,
        metadata=_mark(record)
        | {"order": str(record.order_id), "edit": str(record.edit_id), "attempt": str(record.attempt)},
    )


def _search(record: PaymentIntentRecord) -> FindRequest:
    return FindRequest(
        customer=record.provider_customer,
        created_after=int(record.created_at.timestamp()) - CLOCK_SLACK_SECONDS,
        metadata=_mark(record),
    )


def _mark(record: PaymentIntentRecord) -> dict[str, str]:
    """By this we know an intent as the one of this record."""
    return {"merchant": str(record.merchant_id), "payment": str(record.pk)}


def _get(intent_id: uuid.UUID) -> PaymentIntentRecord:
    record = PaymentIntentRecord.objects.filter(merchant_id=require_merchant_id(), pk=intent_id).first()
    if record is None:
        raise NotFound
    return record


def _reread(record: PaymentIntentRecord) -> PaymentIntentRecord:
    return _get(record.pk)


def _outcome(record: PaymentIntentRecord, answer: RailState | None = None) -> PaymentOutcome:
    state = PaymentState(record.status)
    if answer is not None and not answer.is_conclusive and state not in FINAL_STATES:
        if record.open_call:
            state = PaymentState.UNKNOWN
        elif answer is RailState.UNAVAILABLE:
            state = PaymentState.UNAVAILABLE
    reason = decline_reason(record.error_code, record.decline_code) if state is PaymentState.DECLINED else None
    return PaymentOutcome(
        intent_id=record.pk,
        state=state,
        amount_minor=record.amount_minor,
        currency=record.currency,
        captured_minor=record.captured_minor,
        provider_intent_id=record.provider_intent_id,
        next_url=record.next_action_url,
        error_code=record.error_code,
        decline_code=record.decline_code,
        reason=reason,
        message=decline_message(reason) if reason else "",
    )
