"""Row locks of this room. Order of locking: the order first (`orders.locks`), then the edit."""

import uuid

from editing.errors import EditNotFound
from editing.models import EditSession


def lock_session(session_id: uuid.UUID) -> EditSession:
    """The edit, locked until the transaction ends. Raises EditNotFound."""
    session = EditSession.objects.select_for_update().filter(pk=session_id).first()
    if session is None:
        raise EditNotFound
    return session
