"""The Celery application of worker and beat."""

import os

from celery import Celery

from pro_platform import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pro_platform.settings")

broker.install()
app = Celery("pro_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect  # type: ignore[untyped-decorator]
def _watch_beat(sender: Celery, **options: object) -> None:
    """After the settings are read, which the watchers need."""
    from pro_platform.watchers import BeatWatch  # noqa: PLC0415

    sender.steps["worker"].add(BeatWatch)
