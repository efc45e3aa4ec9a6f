"""Undoing an edit that cannot be carried out: the authorisation is voided, stock given back, the window left."""

import uuid
from datetime import timedelta

from django.db import transaction

from core import clock
from core.errors import DomainError
from editing.models import EditSession, SagaStep
from editing.rules import EditState
from editing.services.lease import lease_lock
from editing.services.transitions import session_move
from orders.locks import lock_order
from orders.services.additions import order_undo_additions
from orders.services.stock import stock_release
from orders.services.windows import window_leave
from payments.selectors import intent_list_for_edit
from payments.services.charges import PaymentState, payment_void

# The provider gave no answer to a void: it is asked again after this long.
RETRY = timedelta(seconds=10)
_NO_MONEY = (PaymentState.CANCELLED, PaymentState.DECLINED)


def compensation_begin(
    session: EditSession, owner: uuid.UUID, *, ends_as: EditState, code: str, message: str = ""
) -> None:
    """Turn round: record why, and how it will end. Raises LeaseLost."""
    with transaction.atomic():
        session = lease_lock(session.pk, owner)
        turn_round(session, ends_as=ends_as, code=code, message=message)


def turn_round(session: EditSession, *, ends_as: EditState, code: str, message: str = "") -> None:
    """The same with the edit locked already."""
    session.steps.filter(state=SagaStep.State.STARTED).update(
        state=SagaStep.State.FAILED, result={"code": code}, finished_at=clock.now()
    )
    session.ends_as = ends_as
    session.failure_code = code[:64]
    session.failure_message = message[:300]
    session.next_drive_at = clock.now()
    session_move(session, EditState.COMPENSATING, reason=code[:64])


def compensate(session: EditSession, owner: uuid.UUID) -> None:
    """Undo what was done and end the edit. Where the provider gave no answer it stays, to be tried again later."""
    with transaction.atomic():
        locked = lease_lock(session.pk, owner)
        locked.next_drive_at = clock.now() + RETRY
        locked.save(update_fields=["lease_until", "next_drive_at"])
    for intent in intent_list_for_edit(session.pk):
        try:
            outcome = payment_void(intent_id=intent.pk)
        except DomainError as error:
            _review(session, owner, error.code)
            return
        if outcome.state == PaymentState.SUCCEEDED:
            _review(session, owner, "captured_but_not_applied")
            return
        if outcome.state not in _NO_MONEY:
            return
    with transaction.atomic():
        lock_order(session.order_id)
        session = lease_lock(session.pk, owner)
        order_undo_additions(order_id=session.order_id, edit_id=session.pk)
        stock_release(edit_id=session.pk)
        session.steps.filter(state=SagaStep.State.DONE).update(state=SagaStep.State.UNDONE, finished_at=clock.now())
        window_leave(edit_id=session.pk)
        session_move(session, EditState(session.ends_as), reason=session.failure_code)


def _review(session: EditSession, owner: uuid.UUID, code: str) -> None:
    with transaction.atomic():
        session = lease_lock(session.pk, owner)
        session.failure_code = code
        session_move(session, EditState.MANUAL_REVIEW, reason=code)
