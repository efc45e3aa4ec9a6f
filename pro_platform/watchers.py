"""Who watches the watchmen: every worker watches beat, and beat watches the workers.

Beat cannot tell that it is dead, and it alone sends the sweeps that would notice; so each worker looks at beat's pulse
from a timer of its own main process, which needs neither beat nor a free child. It only sends the task that raises the
alert: the main process of a worker never opens a database connection that its children would inherit.

Workers cannot tell that all of them are dead; beat sees it by a heartbeat that nobody runs any more, and raises the
alert and mails it itself. That both are dead at once is told by `/readyz?full=1` and `/metrics`, for monitoring from
outside. A look that Valkey does not answer says nothing about either of them.
"""

import time
from typing import Any

import structlog
from celery import bootsteps
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError
from django_celery_beat.schedulers import DatabaseScheduler
from redis import RedisError

from core import pulse
from core.alerts import alert_raise
from core.alerts.causes import LOOK_TASK
from core.outbox import tell_worker

log = structlog.get_logger(__name__)

# So often in a row, so that a Valkey that was away for a while raises nothing when it is back.
LOOKS = 3
TOLD_KEY = "beat:silence-told"


def look_seconds() -> float:
    return max(settings.ALERT_AFTER_SECONDS / 10, 0.5)


class Silence:
    """How often in a row the other was found silent. What was before this process began to look does not count."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._looks = 0

    def look(self, age: float | None) -> int:
        """`age` is that of the other's last sign of life; None where there never was one."""
        watched = time.monotonic() - self._began
        silent_for = watched if age is None else min(age, watched)
        self._looks = self._looks + 1 if silent_for > settings.ALERT_AFTER_SECONDS else 0
        return self._looks

    def unknown(self) -> None:
        self._looks = 0


class WatchingScheduler(DatabaseScheduler):  # type: ignore[misc]  # django-celery-beat has no types
    """Beat's scheduler: gives a sign of life, and looks whether somebody runs what it sends."""

    _next_look = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._silence = Silence()
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + look_seconds()
            self._look()
        return super().tick(*args, **kwargs)

    def _look(self) -> None:
        try:
            pulse.beat_pulse()
            looks = self._silence.look(pulse.worker_age())
            if looks and looks % LOOKS == 0:  # again and again, so that a mail that failed is tried again
                alert_raise("worker", "", "No worker runs what beat sends: all are stopped, or far behind.")
        except (RedisError, DatabaseError, InterfaceError) as error:
            self._silence.unknown()
            log.warning("beat_cannot_look", error=str(error))


class BeatWatch(bootsteps.StartStopStep):
    """A step of the worker's start: looks at beat's pulse as long as the worker runs."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._silence = Silence()
        self._timer: Any = None

    def start(self, parent: Any) -> None:
        self._timer = parent.timer.call_repeatedly(look_seconds(), self._look)

    def stop(self, parent: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        try:
            is_silent = self._silence.look(pulse.beat_age()) >= LOOKS
            if is_silent and cache.add(TOLD_KEY, True, timeout=settings.ALERT_AFTER_SECONDS):
                tell_worker(LOOK_TASK)
        except RedisError as error:
            self._silence.unknown()
            log.warning("worker_cannot_look", error=str(error))
