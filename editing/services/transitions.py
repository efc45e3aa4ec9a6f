"""The one place where an edit's state changes."""

from core import clock, outbox
from editing.models import EditSession, EditTransition
from editing.rules import FINAL_STATES, TRANSITIONS, EditState
from orders.services.revisions import SYSTEM, Actor

# Told to other rooms. Payload: ids only.
_EVENTS = {
    EditState.APPLIED: "edit.applied",
    EditState.DECLINED: "edit.declined",
    EditState.FAILED: "edit.failed",
    EditState.EXPIRED: "edit.expired",
    EditState.AWAITING_CUSTOMER: "edit.awaiting_customer",
    EditState.MANUAL_REVIEW: "edit.needs_review",
}


class ImpossibleTransition(Exception):
    """A programming error: the state table does not allow this step."""


def session_move(session: EditSession, after: EditState, *, reason: str = "", actor: Actor = SYSTEM) -> None:
    """Move a locked edit to `after`, keep the transition, tell the world. Saves all of the session's fields."""
    before = EditState(session.state)
    if after not in TRANSITIONS[before]:
        raise ImpossibleTransition(f"{before} → {after}")
    session.state = after
    if after in FINAL_STATES:
        session.finished_at = clock.now()
        session.next_drive_at = None
    session.save()
    EditTransition.objects.create(
        session=session,
        before=before,
        after=after,
        reason=reason,
        actor_type=actor.type,
        actor_id=actor.id,
        at=clock.now(),
    )
    if event := _EVENTS.get(after):
        publish(session, event)


def publish(session: EditSession, event: str) -> None:
    payload = {"order_id": str(session.order_id), "edit_id": str(session.pk)}
    outbox.publish(event, aggregate_type="order", aggregate_id=session.order_id, payload=payload)
