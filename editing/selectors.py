import uuid

from editing.errors import EditNotFound
from editing.models import EditSession, Quote
from editing.rules import HOLDING_STATES, EditState


def edit_session_get(*, session_id: uuid.UUID, order_id: uuid.UUID) -> EditSession:
    """An edit of this order. Raises EditNotFound, also when it is another order's."""
    session = EditSession.objects.filter(pk=session_id, order_id=order_id).first()
    if session is None:
        raise EditNotFound
    return session


def edit_session_draft(*, order_id: uuid.UUID, actor_id: str) -> EditSession | None:
    """The newest draft of this order by this actor."""
    drafts = EditSession.objects.filter(order_id=order_id, actor_id=actor_id, state=EditState.DRAFT)
    return drafts.order_by("-created_at").first()


def edit_session_holding(order_id: uuid.UUID) -> EditSession | None:
    """The edit under way on this order, if any."""
    return EditSession.objects.filter(order_id=order_id, state__in=HOLDING_STATES).first()


def edit_session_list_for_order(order_id: uuid.UUID) -> list[EditSession]:
    """Committed edits, newest first, with their steps; drafts and abandoned ones are left out."""
    return list(
        EditSession.objects.filter(order_id=order_id)
        .exclude(state__in=[EditState.DRAFT, EditState.ABANDONED])
        .prefetch_related("steps")
        .order_by("-created_at")
    )


def quote_latest(session_id: uuid.UUID) -> Quote | None:
    return Quote.objects.filter(session_id=session_id).order_by("-created_at").first()
