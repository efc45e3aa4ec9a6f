"""Signs of life. Beat writes its own pulse; the heartbeat task, sent by beat and run by a worker, proves both."""

from datetime import datetime

from django.conf import settings
from django.core.cache import cache

from core import clock
from core.health import BEAT_KEY

PULSE_KEY = "beat:pulse"


def beat_pulse() -> None:
    """Called by beat itself, several times a minute."""
    cache.set(PULSE_KEY, clock.now().isoformat(), timeout=None)


def beat_age() -> float | None:
    """Seconds since beat gave a sign of life; None if it never did."""
    return _age(PULSE_KEY)


def worker_age() -> float | None:
    """Seconds since a worker ran what beat sends every five seconds; None if none ever did."""
    return _age(BEAT_KEY)


def beat_is_silent() -> bool:
    age = beat_age()
    return age is None or age > settings.ALERT_AFTER_SECONDS


def _age(key: str) -> float | None:
    last: str | None = cache.get(key)
    return None if last is None else (clock.now() - datetime.fromisoformat(last)).total_seconds()
