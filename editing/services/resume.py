"""Edits that go on without anybody pressing a button: after a kill, an authentication, a deadline, a review."""

import uuid
from datetime import timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q

from core import clock
from core.errors import DomainError
from core.tenancy import platform_scope, tenant_scope
from editing.errors import EditNotInReview
from editing.locks import lock_session
from editing.models import EditSession, SagaStep
from editing.rules import DRIVEN_STATES, EditState
from editing.services.compensation import turn_round
from editing.services.saga import saga_drive
from editing.services.transitions import session_move
from orders.models import EditWindow
from orders.services.revisions import Actor
from payments.services.charges import PaymentOutcome, PaymentState, payment_confirm_on_session, payment_refresh

log = structlog.get_logger(__name__)

RESUME_BATCH = 100
_AUTHORISED = (PaymentState.REQUIRES_CAPTURE, PaymentState.SUCCEEDED)
_REFUSED = (PaymentState.DECLINED, PaymentState.CANCELLED)
DRAFT_LIFETIME = timedelta(days=2)
# Who satisfied the bank in time gets the change, even if the time ran out in that moment.
AFTER_AUTHENTICATION = timedelta(minutes=2)


def authentication_url(*, session_id: uuid.UUID, return_url: str) -> str:
    """Where the shopper's bank asks; empty when it no longer wants to (then look at the edit again).

    Raises EditNotFound.
    """
    session = EditSession.objects.filter(pk=session_id, state=EditState.AWAITING_CUSTOMER).first()
    if session is None or session.intent_id is None:
        return ""
    outcome = payment_confirm_on_session(intent_id=session.intent_id, return_url=return_url)
    if outcome.state != PaymentState.REQUIRES_ACTION:
        _settle(session, outcome)
        return ""
    return outcome.next_url


def edit_refresh(*, session_id: uuid.UUID) -> EditSession:
    """Look how things stand and go on: the shopper came back, the provider told us, or the time is up."""
    session = EditSession.objects.get(pk=session_id)
    if session.state != EditState.AWAITING_CUSTOMER or session.intent_id is None:
        return saga_drive(session_id)
    return _settle(session, payment_refresh(intent_id=session.intent_id))


def _settle(session: EditSession, outcome: PaymentOutcome) -> EditSession:
    with transaction.atomic():
        locked = lock_session(session.pk)
        if locked.state == EditState.AWAITING_CUSTOMER:
            if outcome.state in _AUTHORISED:
                locked.next_drive_at = clock.now()
                locked.deadline_at = clock.now() + AFTER_AUTHENTICATION
                session_move(locked, EditState.COMMITTING, reason="authenticated")
            elif outcome.state in _REFUSED:
                code = outcome.decline_code or outcome.error_code or str(outcome.state)
                turn_round(locked, ends_as=EditState.DECLINED, code=code, message=outcome.message)
            elif _time_is_up(locked):
                turn_round(locked, ends_as=EditState.EXPIRED, code="authentication_expired")
    return saga_drive(session.pk)


def _time_is_up(session: EditSession) -> bool:
    if session.deadline_at is not None and clock.now() >= session.deadline_at:
        return True
    return not EditWindow.objects.filter(order_id=session.order_id, state__in=EditWindow.LIVE).exists()


def edits_resume() -> int:
    """Take up every edit that stands still, in all merchants; returns how many. Two at once do no harm."""
    at = clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    driven = Q(state__in=DRIVEN_STATES, next_drive_at__lte=at) & free
    overdue = Q(state=EditState.AWAITING_CUSTOMER, deadline_at__lte=at)
    with platform_scope("resume edits"):
        due = list(
            EditSession.objects.filter(driven | overdue)
            .order_by("created_at")
            .values_list("merchant_id", "pk")[:RESUME_BATCH]
        )
    for merchant_id, session_id in due:
        with tenant_scope(merchant_id):
            try:
                edit_refresh(session_id=session_id)
            except (DomainError, DatabaseError) as error:  # one that cannot go on must not stop the others
                log.error("edit_resume_failed", edit_id=str(session_id), exc_info=error)
    return len(due)


def edit_retry(*, session_id: uuid.UUID, actor: Actor) -> EditSession:
    """A person decided: try the step that failed once more. Raises EditNotFound, EditNotInReview."""
    with transaction.atomic():
        session = lock_session(session_id)
        if session.state != EditState.MANUAL_REVIEW:
            raise EditNotInReview
        session.next_drive_at = clock.now()
        if session.ends_as:
            session_move(session, EditState.COMPENSATING, reason="retried", actor=actor)
        else:
            session.steps.filter(state=SagaStep.State.FAILED).update(state=SagaStep.State.WAITING, attempts=0)
            session_move(session, EditState.COMMITTING, reason="retried", actor=actor)
    return saga_drive(session_id)


def drafts_abandon() -> int:
    """Close drafts that nobody came back to."""
    old = clock.now() - DRAFT_LIFETIME
    with platform_scope("abandon drafts"):
        due = list(
            EditSession.objects.filter(state=EditState.DRAFT, created_at__lt=old).values_list("merchant_id", "pk")[
                :RESUME_BATCH
            ]
        )
    for merchant_id, session_id in due:
        with tenant_scope(merchant_id):
            try:
                _abandon(session_id)
            except (DomainError, DatabaseError) as error:  # as above: the others are closed
                log.error("draft_abandon_failed", edit_id=str(session_id), exc_info=error)
    return len(due)


def _abandon(session_id: uuid.UUID) -> None:
    with transaction.atomic():
        session = lock_session(session_id)
        if session.state == EditState.DRAFT:
            session_move(session, EditState.ABANDONED, reason="not finished")
