"""What a worker does about imports: take the oldest that waits or was left behind, and drive it to its end."""

from connectors.models import ImportRun
from connectors.services.drive import run_drive
from connectors.services.lease import lease_is_held
from core import clock
from core.tenancy import platform_scope, tenant_scope

# Of all workers together: imports leave room for mails and events.
AT_ONCE = 1
LOOKED_AT = 100
State = ImportRun.State


def runs_resume() -> int:
    """Drive what waits, in all merchants, one run after the other; returns how many came to where they wait or end.

    One that was interrupted is left to the next sweep, so that a fault does not become a busy loop.
    """
    runs_expire()
    driven = 0
    while (run := _next()) is not None:
        with tenant_scope(run.merchant_id):
            if run_drive(run).state in ImportRun.DRIVEN:
                break
        driven += 1
    return driven


def _next() -> ImportRun | None:
    with platform_scope("resume imports"):
        uploads = ImportRun.objects.filter(is_upload=True, state__in=ImportRun.DRIVEN).order_by("created_at")
        due = list(uploads.defer("preview", "profile_settings")[:LOOKED_AT])
    held = [run for run in due if lease_is_held(run)]
    return None if len(held) >= AT_ONCE else next((run for run in due if run not in held), None)


def runs_expire() -> int:
    """End runs whose file had its time before anybody started them."""
    with platform_scope("expire imports"):
        left = ImportRun.objects.filter(is_upload=True, state=State.PREVIEWED, file__isnull=True)
        return left.update(state=State.CANCELLED, preview="", finished_at=clock.now())
