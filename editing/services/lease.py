"""Who drives an edit: one at a time, and whoever lost the lease must not write any more."""

import uuid
from datetime import timedelta

from django.db.models import Q

from core import clock
from editing.locks import lock_session
from editing.models import EditSession
from editing.rules import DRIVEN_STATES

# Longer than a step takes at worst: one provider call with its time-outs.
LEASE = timedelta(seconds=40)


class LeaseLost(Exception):
    """Somebody else drives this edit now."""


def lease_take(session_id: uuid.UUID) -> uuid.UUID | None:
    """Become the driver of an edit that has something to do; None while somebody else is."""
    owner, at = uuid.uuid4(), clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    taken = EditSession.objects.filter(free, pk=session_id, state__in=DRIVEN_STATES).update(
        lease_owner=owner, lease_until=at + LEASE
    )
    return owner if taken else None


def lease_lock(session_id: uuid.UUID, owner: uuid.UUID) -> EditSession:
    """Lock the edit and prolong the lease (the caller saves or moves it). Raises LeaseLost."""
    session = lock_session(session_id)
    if session.lease_owner != owner:
        raise LeaseLost
    session.lease_until = clock.now() + LEASE
    return session


def lease_drop(session_id: uuid.UUID, owner: uuid.UUID) -> None:
    EditSession.objects.filter(pk=session_id, lease_owner=owner).update(lease_owner=None, lease_until=None)
