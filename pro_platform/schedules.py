"""Periodic tasks. django-celery-beat upserts them by name at start and never deletes."""

from datetime import timedelta
from typing import Any

_SECONDS: dict[str, tuple[str, float]] = {
    "outbox: dispatch what waits": ("core.outbox_dispatch", 5),
    "heartbeat": ("core.heartbeat", 5),
    "alerts: look for causes": ("core.alerts_look", 60),
    "API: forget old idempotency keys": ("core.purge_idempotency_keys", 3600),
    "webhooks: forget old bodies": ("core.purge_webhook_bodies", 3600),
    "webhooks: forget old ones": ("core.purge_webhooks", 3600),
    "outbox: forget old events": ("core.purge_events", 3600),
    "sessions: forget those that ended": ("core.purge_sessions", 3600),
    "portal: forget old links": ("portal.purge_links", 3600),
    "imports: forget old runs": ("connectors.purge_runs", 3600),
    "files: delete what has had its time": ("core.purge_files", 3600),
    "merchants: delete what is due": ("merchants.delete_due", 60),
    "merchants: write exports": ("merchants.export_due", 30),
    "windows: close what is due": ("orders.windows_sweep", 10),
    "edits: resume what was interrupted": ("editing.resume", 10),
    "edits: close drafts left behind": ("editing.abandon_drafts", 3600),
    "imports: go on with what waits": ("connectors.imports_drive", 10),
    "messages: send what is due": ("messaging.send_due", 10),
    "metrics: recompute changed days": ("metrics.sweep", 15),
    "metrics: check the roll-up against the facts": ("metrics.reconcile", 86_400),
}

BEAT_SCHEDULES: dict[str, dict[str, Any]] = {
    name: {
        "task": task,
        "schedule": timedelta(seconds=seconds),
        # a tick that waited longer than this in the queue is worth nothing: the next one does its work
        "options": {"expires": max(seconds * 2, 30)},
    }
    for name, (task, seconds) in _SECONDS.items()
}
