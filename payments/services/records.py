"""The written side of a payment: short transactions under the intent's row lock, before and after each call."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.db import IntegrityError, transaction

from core import clock, outbox
from core.tenancy import require_merchant_id
from payments.errors import PaymentAttemptConflict, PaymentMismatch
from payments.models import PaymentEvent, PaymentIntentRecord
from payments.rails.base import RailResult, RailState
from payments.rules import FINAL_STATES, PaymentState, call_key, idempotency_key, may_become, state_of
from payments.selectors import SavedCard

log = structlog.get_logger(__name__)

Source = PaymentEvent.Source


@contextmanager
def locked(intent_id: uuid.UUID) -> Iterator[PaymentIntentRecord]:
    """The intent under its row lock. Keep it short: no call to anybody in here."""
    with transaction.atomic():
        yield PaymentIntentRecord.objects.select_for_update(of=("self",)).get(
            merchant_id=require_merchant_id(), pk=intent_id
        )


def record_open(
    *,
    order_id: uuid.UUID,
    edit_id: uuid.UUID,
    attempt: int,
    amount_minor: int,
    currency: str,
    card: SavedCard | None,
    description: str,
) -> PaymentIntentRecord | None:
    """The record of this attempt, made if there is none yet; None if there is none and no card to make it with."""
    mine = PaymentIntentRecord.objects.filter(merchant_id=require_merchant_id(), edit_id=edit_id, attempt=attempt)
    record = mine.first()
    if record is None and card is not None:
        try:
            with transaction.atomic():
                return PaymentIntentRecord.objects.create(
                    merchant_id=require_merchant_id(),
                    order_id=order_id,
                    edit_id=edit_id,
                    attempt=attempt,
                    amount_minor=amount_minor,
                    currency=currency,
                    rail=card.provider,
                    provider_customer=card.customer,
                    provider_payment_method=card.payment_method,
                    description=description[:200],
                    idempotency_key=idempotency_key(edit_id, attempt),
                    created_at=clock.now(),
                    updated_at=clock.now(),
                )
        except IntegrityError as error:
            record = mine.first()  # another worker was quicker, or an earlier attempt may still take money
            if record is None:
                raise PaymentAttemptConflict from error
    if record and (record.order_id, record.amount_minor, record.currency) != (order_id, amount_minor, currency):
        raise PaymentAttemptConflict
    return record


@dataclass(frozen=True, slots=True)
class Call:
    record: PaymentIntentRecord
    key: str
    is_first: bool  # no earlier call is in doubt

    def is_only(self, record: PaymentIntentRecord) -> bool:
        """Whether no other call was made since, so that if this one was surely not done, nothing was."""
        return self.is_first and record.open_call_at == self.record.open_call_at


def call_open(intent_id: uuid.UUID, operation: str, *, when: PaymentState, argument: str = "") -> Call | None:
    """Record that a call is about to be made. None if the intent is no longer in state `when`, or is to be voided."""
    with locked(intent_id) as record:
        if record.status != when or (record.void_requested_at and operation != "void"):
            return None
        key = call_key(record.idempotency_key, operation, record.key_round, argument)
        is_first = not record.open_call
        record.open_call, record.open_call_at = operation, clock.now()
        _save(record)
        _event(record, f"{operation}.called", Source.SERVICE, record.status, {"key": key})
    return Call(record, key, is_first)


def call_undone(call: Call) -> None:
    """The provider turned us away at the door."""
    with locked(call.record.pk) as record:
        if call.is_only(record):
            _forget_call(record)
            _save(record)
        _event(record, f"{call.record.open_call}.refused", Source.SERVICE, record.status, {})


def key_rotate(intent_id: uuid.UUID, from_round: int) -> None:
    """Stop using the keys of this round. Two that notice at once rotate once, so that both go on with the same key."""
    with locked(intent_id) as record:
        if record.key_round == from_round:
            record.key_round += 1
            _save(record)
            _event(record, "key.rotated", Source.SERVICE, record.status, {"round": record.key_round})


def void_request(intent_id: uuid.UUID) -> PaymentIntentRecord:
    """Remember that this intent must not take money, even if it turns up only later."""
    with locked(intent_id) as record:
        if record.status not in FINAL_STATES and record.void_requested_at is None:
            record.void_requested_at = clock.now()
            _save(record)
            _event(record, "void.requested", Source.SERVICE, record.status, {})
    return record


def cancel_unsent(intent_id: uuid.UUID) -> PaymentIntentRecord:
    """Close an attempt of which the provider knows nothing. Should it turn up after all, its own news takes over."""
    with locked(intent_id) as record:
        if record.status == PaymentState.PENDING and not record.provider_intent_id:
            record.status = PaymentState.CANCELLED
            _forget_call(record)
            _save(record)
            _event(record, "void.unsent", Source.SERVICE, PaymentState.PENDING, {})
    return record


def result_apply(
    intent_id: uuid.UUID,
    kind: str,
    result: RailResult,
    *,
    source: PaymentEvent.Source = Source.SERVICE,
    call: Call | None = None,
) -> PaymentIntentRecord:
    """Write down an answer. Older news than we have is kept in the history and changes nothing."""
    with locked(intent_id) as record:
        before = record.status
        if result.state.is_conclusive:
            _take_over(record, result)
            # Our own answers end the doubt about a call; a webhook only if nothing can follow, or it names the intent.
            if source != Source.WEBHOOK or record.open_call == "authorise" or record.status in FINAL_STATES:
                _forget_call(record)
        elif result.state is RailState.UNAVAILABLE and call is not None and call.is_only(record):
            _forget_call(record)
        _save(record)
        _event(record, kind, source, before, _detail(result))
        if source != Source.SERVICE and record.status != before:
            _announce(record)
    return record


def _take_over(record: PaymentIntentRecord, result: RailResult) -> None:
    theirs = (result.intent, result.amount_minor, result.currency)
    ours = (record.provider_intent_id or result.intent, record.amount_minor, record.currency)
    if result.intent and theirs != ours:
        log.error("payment_mismatch", intent_id=str(record.pk), theirs=theirs, ours=ours)
        raise PaymentMismatch(theirs=theirs, ours=ours)
    new = state_of(result.state)
    # Until the provider's intent is known, our status is a guess and gives way to any news.
    if not record.provider_intent_id or may_become(PaymentState(record.status), new) or record.status == new:
        record.status = new
        record.captured_minor = result.captured_minor if new is PaymentState.SUCCEEDED else 0
        record.provider_status = result.provider_status
        record.error_code, record.decline_code = result.code, result.decline_code
        record.next_action_url = result.next_url
    record.provider_intent_id = record.provider_intent_id or result.intent


def _forget_call(record: PaymentIntentRecord) -> None:
    record.open_call, record.open_call_at = "", None


def _save(record: PaymentIntentRecord) -> None:
    record.updated_at = clock.now()
    record.save()


def _event(
    record: PaymentIntentRecord, kind: str, source: PaymentEvent.Source, before: str, detail: dict[str, object]
) -> None:
    PaymentEvent.objects.create(
        merchant_id=record.merchant_id,
        intent=record,
        kind=kind,
        source=source,
        from_status=before,
        to_status=record.status,
        detail=detail,
        at=clock.now(),
    )


def _detail(result: RailResult) -> dict[str, object]:
    """What the provider said, as far as it said anything."""
    said = {
        "state": result.state.value,
        "provider_status": result.provider_status,
        "code": result.code,
        "decline_code": result.decline_code,
        "request_id": result.request_id,
    }
    return {name: value for name, value in said.items() if value}


def _announce(record: PaymentIntentRecord) -> None:
    outbox.publish(
        "payment.updated",
        aggregate_type="payment",
        aggregate_id=record.pk,
        payload={"intent_id": str(record.pk), "order_id": str(record.order_id), "edit_id": str(record.edit_id)},
    )
