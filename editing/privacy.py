"""Changes that a customer made to orders. What was changed stays; what they were told stays where it names nobody."""

from typing import Any

from core.money import amount_text
from core.privacy.registry import Keeper, Subject
from editing.models import EditSession
from editing.rules import HOLDING_STATES, EditState
from editing.services.transitions import session_move
from orders.errors import CustomerBusy


def _export(subject: Subject) -> list[dict[str, Any]]:
    sessions = EditSession.objects.filter(order_id__in=subject.order_ids).order_by("created_at")
    return [
        {
            "order_id": session.order_id,
            "at": session.created_at,
            "state": session.get_state_display(),
            "currency": session.currency,
            "amount": amount_text(session.due_minor, session.currency),
            "items": [
                {"item": str(operation.variant), "quantity": operation.quantity}
                for operation in session.operations.all()
            ],
        }
        for session in sessions.prefetch_related("operations__variant__product")
    ]


def _guard(subject: Subject) -> None:
    if EditSession.objects.filter(order_id__in=subject.order_ids, state__in=HOLDING_STATES).exists():
        raise CustomerBusy(what="A change of an order")


def _erase(subject: Subject) -> int:
    """Drafts are left: the link that led to them is gone."""
    count = 0
    for session in EditSession.objects.select_for_update().filter(order_id__in=subject.order_ids):
        if session.state == EditState.DRAFT:
            session_move(session, EditState.ABANDONED, reason="customer_erased")
            count += 1
        if subject.identity.is_named_in(session.failure_message):
            count += EditSession.objects.filter(pk=session.pk).update(failure_message="")
    return count


KEEPER = Keeper("changes", "Changes of orders after checkout", _export, _erase, _guard)
