"""The one clock. Everything that needs the time asks here, so tests and seeding can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

# What another server's clock may be ahead of ours.
TOLERANCE = timedelta(minutes=5)

_frozen_at: ContextVar[datetime | None] = ContextVar("frozen_at", default=None)


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return _frozen_at.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Within the block the clock of this thread or task stands at `at` (aware; ValueError if naive)."""
    if at.tzinfo is None:
        raise ValueError("The clock takes an aware datetime.")
    token = _frozen_at.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen_at.reset(token)
