"""What a worker does about imports: take what waits or was left behind, and drive it to its end."""

import time

from connectors.models import ImportRun
from connectors.services.drive import run_drive
from connectors.services.lease import lease_is_held
from core import clock
from core.tenancy import platform_scope, tenant_scope

# Of all workers together: imports leave room for mails and events.
AT_ONCE = 1
LOOKED_AT = 100
TURN_SECONDS = 60.0
State = ImportRun.State


def runs_resume() -> int:
    """Drive what waits, in all merchants, one run after the other; returns how many came to where they wait or end.

    One that was interrupted is left to the next sweep, so that a fault does not become a busy loop.
    """
    runs_expire()
    driven = 0
    while (run := _next()) is not None:
        turn = _Turn(run)
        with tenant_scope(run.merchant_id):
            is_left = run_drive(run, is_over=turn.is_over).state in ImportRun.DRIVEN
        if is_left and not turn.was_ended:
            break
        driven += not is_left
    return driven


class _Turn:
    """A large file lets others go first, now and then; it is read again afterwards, so not too often."""

    def __init__(self, run: ImportRun) -> None:
        self._run, self._until = run, time.monotonic() + TURN_SECONDS
        self.was_ended = False

    def is_over(self) -> bool:
        if time.monotonic() >= self._until:
            self.was_ended = any(run.pk != self._run.pk and not lease_is_held(run) for run in _due())
        return self.was_ended


def _due() -> list[ImportRun]:
    """Those first of whom least is done."""
    with platform_scope("resume imports"):
        uploads = ImportRun.objects.filter(is_upload=True, state__in=ImportRun.DRIVEN)
        return list(uploads.order_by("items_done", "created_at").defer("preview", "profile_settings")[:LOOKED_AT])


def _next() -> ImportRun | None:
    due = _due()
    held = [run for run in due if lease_is_held(run)]
    return None if len(held) >= AT_ONCE else next((run for run in due if run not in held), None)


def runs_expire() -> int:
    """End runs whose file had its time before anybody started them."""
    with platform_scope("expire imports"):
        left = ImportRun.objects.filter(is_upload=True, state=State.PREVIEWED, file__isnull=True)
        return left.update(state=State.CANCELLED, preview="", finished_at=clock.now())
