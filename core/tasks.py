from celery import shared_task
from django.core.cache import cache

from core import clock, files, idempotency, inbound, outbox, retention
from core.alerts.causes import LOOK_TASK, causes_look
from core.health import BEAT_KEY


@shared_task(name=outbox.DISPATCH_TASK)
def outbox_dispatch() -> int:
    return outbox.dispatch_due()


@shared_task(name="core.heartbeat")
def heartbeat() -> None:
    """Proves that beat and a worker are both alive: `/readyz?full=1` shows how long ago this ran."""
    cache.set(BEAT_KEY, clock.now().isoformat(), timeout=None)


@shared_task(name=LOOK_TASK)
def alerts_look() -> None:
    causes_look()


@shared_task(name="core.purge_idempotency_keys")
def purge_idempotency_keys() -> int:
    return idempotency.purge()


@shared_task(name="core.purge_webhook_bodies")
def purge_webhook_bodies() -> int:
    return inbound.inbound_purge()


@shared_task(name="core.purge_webhooks")
def purge_webhooks() -> int:
    return retention.purge(retention.INBOUND_ROWS)


@shared_task(name="core.purge_events")
def purge_events() -> int:
    return retention.purge(retention.OUTBOX_DONE) + retention.purge(retention.OUTBOX_DEAD)


@shared_task(name="core.purge_sessions")
def purge_sessions() -> int:
    return retention.purge(retention.SESSIONS)


@shared_task(name="core.purge_files")
def purge_files() -> int:
    return files.files_purge()
