import uuid

from core.outbox import Event, subscribe
from editing.selectors import edit_session_holding
from editing.services.resume import edit_refresh


@subscribe("payment.updated", name="editing.refresh")
def refresh_after_payment(event: Event) -> None:
    edit_refresh(session_id=uuid.UUID(event.payload["edit_id"]))


@subscribe("window.ended", name="editing.refresh_after_window")
def refresh_after_window(event: Event) -> None:
    """Fulfilment began or the order was cancelled: an edit that waits for the bank is undone."""
    session = edit_session_holding(uuid.UUID(event.payload["order_id"]))
    if session is not None:
        edit_refresh(session_id=session.pk)
