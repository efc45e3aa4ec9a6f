"""Carrying out a committed edit: reserve → authorise → apply → capture.

Each step is recorded before and after; the call in between may be repeated after a kill at any point, because stock,
payments and the order each know the edit by its id. No external call happens inside a transaction.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from core import clock
from core.errors import DomainError
from editing.models import EditSession, SagaStep
from editing.rules import EditState, StepName
from editing.selectors import quote_latest
from editing.services.compensation import compensate, compensation_begin
from editing.services.lease import LeaseLost, lease_drop, lease_lock, lease_take
from editing.services.transitions import session_move
from orders.errors import OrderCancelled, SoldOut, WindowClosed
from orders.locks import lock_order
from orders.models import Order
from orders.services.additions import Addition, order_apply_additions
from orders.services.revisions import Actor
from orders.services.stock import stock_reserve
from orders.services.windows import window_leave
from payments.services.charges import (
    PaymentOutcome,
    PaymentState,
    payment_authorise,
    payment_capture,
    payment_void,
)

log = structlog.get_logger(__name__)

CAPTURE_ATTEMPTS = 8
_Step = Callable[[EditSession, uuid.UUID], bool]


def saga_drive(session_id: uuid.UUID) -> EditSession:
    """Take the edit as far as it goes now, and return it as it then stands.

    Call it within the tenant scope, outside any transaction. If somebody else drives it, nothing happens.
    """
    owner = lease_take(session_id)
    if owner is not None:
        try:
            while _advance(session_id, owner):
                pass
        except LeaseLost:
            log.info("saga_lease_lost", edit_id=str(session_id))
        finally:
            lease_drop(session_id, owner)
    return EditSession.objects.get(pk=session_id)


def _advance(session_id: uuid.UUID, owner: uuid.UUID) -> bool:
    """One step; False when there is nothing more to do for now."""
    session = EditSession.objects.get(pk=session_id)
    if session.state == EditState.COMPENSATING:
        compensate(session, owner)
        return False
    if session.state != EditState.COMMITTING:
        return False
    waiting = session.steps.exclude(state=SagaStep.State.DONE).first()
    if waiting is None:
        _finish(session, owner)
        return False
    name = StepName(waiting.name)
    if name in (StepName.RESERVE, StepName.AUTHORISE) and _is_late(session):
        compensation_begin(session, owner, ends_as=EditState.FAILED, code="took_too_long")
        return True
    _start(session, owner, name)
    return _STEPS[name](session, owner)


def _is_late(session: EditSession) -> bool:
    return session.deadline_at is not None and clock.now() >= session.deadline_at


def _start(session: EditSession, owner: uuid.UUID, name: StepName) -> None:
    with transaction.atomic():
        session = lease_lock(session.pk, owner)
        step = session.steps.get(name=name)
        step.state, step.attempts, step.started_at = SagaStep.State.STARTED, step.attempts + 1, clock.now()
        step.save(update_fields=["state", "attempts", "started_at"])
        session.next_drive_at = clock.now() + backoff(step.attempts)
        session.save(update_fields=["lease_until", "next_drive_at"])


def backoff(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, at most two minutes: shoppers wait for this."""
    return timedelta(seconds=min(2**attempts, 120))


def step_done(session: EditSession, name: StepName, result: dict[str, Any]) -> None:
    """Record a step as done, in the caller's transaction with the edit locked."""
    session.steps.filter(name=name).update(state=SagaStep.State.DONE, result=result, finished_at=clock.now())
    session.next_drive_at = clock.now()
    session.save(update_fields=["lease_until", "next_drive_at", "intent_id"])


def _reserve(session: EditSession, owner: uuid.UUID) -> bool:
    quantities = {uuid.UUID(line["variant_id"]): int(line["quantity"]) for line in _lines(session)}
    try:
        with transaction.atomic():
            session = lease_lock(session.pk, owner)
            stock_reserve(edit_id=session.pk, quantities=quantities)
            step_done(session, StepName.RESERVE, {})
    except SoldOut as error:
        compensation_begin(session, owner, ends_as=EditState.FAILED, code=error.code, message=str(error))
    return True


def _authorise(session: EditSession, owner: uuid.UUID) -> bool:
    try:
        outcome = payment_authorise(
            order_id=session.order_id,
            edit_id=session.pk,
            attempt=session.attempt,
            amount_minor=session.due_minor,
            description=f"Addition to order {session.order.number}",
        )
    except DomainError as error:
        compensation_begin(session, owner, ends_as=EditState.FAILED, code=error.code, message=str(error))
        return True
    if outcome.state in (PaymentState.REQUIRES_CAPTURE, PaymentState.SUCCEEDED):
        with transaction.atomic():
            session = lease_lock(session.pk, owner)
            session.intent_id = outcome.intent_id
            step_done(session, StepName.AUTHORISE, _result(outcome))
        return True
    if outcome.state == PaymentState.REQUIRES_ACTION:
        _await_customer(session, owner, outcome)
        return False
    if outcome.state in (PaymentState.DECLINED, PaymentState.CANCELLED):
        code = outcome.decline_code or outcome.error_code or str(outcome.state)
        compensation_begin(session, owner, ends_as=EditState.DECLINED, code=code, message=outcome.message)
        return True
    return False  # no answer yet: driven again later with the same arguments


def _await_customer(session: EditSession, owner: uuid.UUID, outcome: PaymentOutcome) -> None:
    with transaction.atomic():
        session = lease_lock(session.pk, owner)
        session.intent_id = outcome.intent_id
        session.deadline_at = clock.now() + timedelta(minutes=settings.AUTHENTICATION_MINUTES)
        session.steps.filter(name=StepName.AUTHORISE).update(result=_result(outcome))
        session_move(session, EditState.AWAITING_CUSTOMER, reason="authentication_required")


def _apply(session: EditSession, owner: uuid.UUID) -> bool:
    additions = [
        Addition(
            variant_id=uuid.UUID(line["variant_id"]),
            quantity=line["quantity"],
            unit_price_minor=line["unit_price_minor"],
            discount_minor=line["discount_minor"],
            tax_minor=line["tax_minor"],
            tax_rate_bp=line["tax_rate_bp"],
        )
        for line in _lines(session)
    ]
    actor = Actor(session.actor_type, session.actor_id)
    try:
        with transaction.atomic():
            lock_order(session.order_id)
            session = lease_lock(session.pk, owner)
            revision = order_apply_additions(
                order_id=session.order_id, edit_id=session.pk, additions=additions, actor=actor
            )
            step_done(session, StepName.APPLY, {"order_version": revision.version})
    except (WindowClosed, OrderCancelled) as error:
        compensation_begin(session, owner, ends_as=EditState.FAILED, code=error.code, message=str(error))
    return True


def _capture(session: EditSession, owner: uuid.UUID) -> bool:
    """Take the money, unless the order was cancelled since: then give it up and undo the change."""
    if session.intent_id is None:
        raise LeaseLost  # another driver is rewriting this edit
    is_cancelled = Order.objects.filter(pk=session.order_id, status=Order.Status.CANCELLED).exists()
    try:
        outcome = (payment_void if is_cancelled else payment_capture)(intent_id=session.intent_id)
    except DomainError as error:
        return _review(session, owner, error.code)
    if is_cancelled and outcome.state == PaymentState.CANCELLED:
        code, message = OrderCancelled.code, OrderCancelled.message
        compensation_begin(session, owner, ends_as=EditState.FAILED, code=code, message=message)
        return True
    if outcome.state == PaymentState.SUCCEEDED:
        with transaction.atomic():
            session = lease_lock(session.pk, owner)
            step_done(session, StepName.CAPTURE, _result(outcome))
        return True
    attempts = session.steps.values_list("attempts", flat=True).get(name=StepName.CAPTURE)
    if not outcome.should_call_again or attempts >= CAPTURE_ATTEMPTS:
        return _review(session, owner, f"capture_{outcome.state}")
    return False


def _review(session: EditSession, owner: uuid.UUID, code: str) -> bool:
    """The order is changed but the money did not come: the window stays held and a person decides."""
    with transaction.atomic():
        session = lease_lock(session.pk, owner)
        session.failure_code = code
        session.steps.filter(name=StepName.CAPTURE).update(
            state=SagaStep.State.FAILED, result={"code": code}, finished_at=clock.now()
        )
        session_move(session, EditState.MANUAL_REVIEW, reason=code)
    return False


def _finish(session: EditSession, owner: uuid.UUID) -> None:
    with transaction.atomic():
        session = lease_lock(session.pk, owner)
        window_leave(edit_id=session.pk)
        session.failure_code = ""
        session_move(session, EditState.APPLIED, reason="done")


_STEPS: dict[StepName, _Step] = {
    StepName.RESERVE: _reserve,
    StepName.AUTHORISE: _authorise,
    StepName.APPLY: _apply,
    StepName.CAPTURE: _capture,
}


def _lines(session: EditSession) -> list[dict[str, Any]]:
    quote = quote_latest(session.pk)
    lines: list[dict[str, Any]] = quote.lines if quote is not None else []
    return lines


def _result(outcome: PaymentOutcome) -> dict[str, str]:
    return {"intent_id": str(outcome.intent_id), "provider_intent_id": outcome.provider_intent_id}
