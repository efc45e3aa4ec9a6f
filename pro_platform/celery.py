"""The Celery application of worker and beat."""

import os

import django
from celery import Celery
from celery.signals import worker_init

from pro_platform import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pro_platform.settings")

broker.install()
app = Celery("pro_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# By name: what it imports needs the models, which are not there yet.
app.steps["worker"].add("pro_platform.watchers:BeatWatch")


@worker_init.connect
def _check_database(**options: object) -> None:
    """No work is done on a database that is half-migrated or newer than the code. For beat: pro_platform/beat.py."""
    from core.db.direct import Database  # noqa: PLC0415 - settings are read first
    from core.db.guard import start_trouble  # noqa: PLC0415

    django.setup()
    if trouble := start_trouble(Database.of_settings()):
        raise SystemExit(trouble)
