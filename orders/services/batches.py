"""Many at once, each on its own: what the database refuses of one does not sink the others."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from django.db import DataError, IntegrityError, transaction

from core.errors import Busy, DomainError
from orders.errors import NotStorable

log = structlog.get_logger(__name__)

MAX_ITEMS = 1000
# Each time another transaction has stored one of ours first, so it is known when we look again.
_TRIES = 10

Item = TypeVar("Item")
Result = TypeVar("Result")


class Raced(Exception):
    """Another transaction has just created what was about to be created here."""


def store_all(
    items: Sequence[Item | DomainError], store: Callable[[Sequence[Item]], Sequence[Result | DomainError]]
) -> list[Result | DomainError]:
    """One result for each item, in order; items that are refused already keep their refusal.

    `store` writes all it is given, or raises. At an error of the data it is given each half alone, down to the item
    that is at fault. Raises ValueError for more than MAX_ITEMS.
    """
    if len(items) > MAX_ITEMS:
        raise ValueError(f"At most {MAX_ITEMS} at a time.")
    stored = iter(_store([item for item in items if not isinstance(item, DomainError)], store))
    return [item if isinstance(item, DomainError) else next(stored) for item in items]


def _store(
    items: Sequence[Item], store: Callable[[Sequence[Item]], Sequence[Result | DomainError]]
) -> list[Result | DomainError]:
    if not items:
        return []
    try:
        return [*_until_unraced(items, store)]
    except (DataError, IntegrityError) as error:
        if len(items) == 1:
            reason = _reason(error)
            log.warning("item_not_storable", reason=reason)  # the whole error would show the row
            return [NotStorable(reason=reason)]
    middle = len(items) // 2
    return _store(items[:middle], store) + _store(items[middle:], store)


def _until_unraced(
    items: Sequence[Item], store: Callable[[Sequence[Item]], Sequence[Result | DomainError]]
) -> Sequence[Result | DomainError]:
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return store(items)
        except Raced:
            continue
    raise Busy


def _reason(error: Exception) -> str:
    """PostgreSQL's first line, which names columns and constraints but no values."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "message_primary", None) or "the database refuses a value"


def raise_or_return(result: Result | DomainError) -> Result:
    """For the batch of one."""
    if isinstance(result, DomainError):
        raise result
    return result
