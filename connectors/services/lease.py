"""Who drives a run: one process at a time, and whoever lost the lease writes nothing more."""

import os
import socket
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from connectors.models import ImportRun
from core import clock

# Longer than a batch takes, and than reading on to the next sign of life.
LEASE = timedelta(seconds=40)


class LeaseLost(Exception):
    """Somebody else drives this run now."""


def lease_is_held(run: ImportRun) -> bool:
    """Somebody drives the run. A driver that died on this machine is not waited for."""
    return run.lease_until is not None and run.lease_until >= clock.now() and not _is_dead(run.lease_owner)


def lease_held_until(run: ImportRun) -> datetime | None:
    """None where nobody drives the run, or only one that died on this machine."""
    owner, until = ImportRun.objects.values_list("lease_owner", "lease_until").get(pk=run.pk)
    return None if until is None or until < clock.now() or _is_dead(owner) else until


def lease_take(run: ImportRun) -> str | None:
    """Become the driver of a run that has something to do; None while somebody else is."""
    owner = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:12]}"
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=clock.now())
    if not lease_is_held(run):
        free |= Q(lease_owner=run.lease_owner)
    taken = ImportRun.objects.filter(free, pk=run.pk, state__in=ImportRun.DRIVEN).update(
        lease_owner=owner, lease_until=clock.now() + LEASE, takes=F("takes") + 1
    )
    return owner if taken else None


def lease_write(run: ImportRun, owner: str, **values: Any) -> None:
    """Prolong the lease and write `values` with it. Raises LeaseLost, also when the run was ended meanwhile."""
    mine = ImportRun.objects.filter(pk=run.pk, lease_owner=owner, state__in=ImportRun.DRIVEN)
    if not mine.update(lease_until=clock.now() + LEASE, **values):
        raise LeaseLost
    for name, value in values.items():
        setattr(run, name, value)


def lease_drop(run: ImportRun, owner: str) -> None:
    ImportRun.objects.filter(pk=run.pk, lease_owner=owner).update(lease_owner="", lease_until=None)


def _is_dead(owner: str) -> bool:
    host, _, rest = owner.partition("/")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(rest.partition("/")[0]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
