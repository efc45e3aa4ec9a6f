from celery import shared_task

from metrics.services.days import days_sweep
from metrics.services.rebuild import rollups_reconcile


@shared_task(name="metrics.sweep")
def sweep() -> int:
    """Keeps the roll-up seconds behind the facts."""
    return days_sweep()


@shared_task(name="metrics.reconcile")
def reconcile() -> int:
    """Nightly: the roll-up of the last 90 days against its facts."""
    return rollups_reconcile()
