"""The loud wall: every query on a tenant's rows is checked against the open scope when its SQL is compiled.

The silent wall, row-level security, stands behind it in the database (`core.db`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)


class NoScope(Exception):
    """A tenant's rows were touched without a scope, in another tenant's scope, or with a query built in another one.

    This is a programming error, never the caller's fault, so it is not a DomainError.
    """


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be touched: one merchant's, or (merchant_id None) everyone's, for a stated reason."""

    merchant_id: int | None
    reason: str = field(default="", compare=False)

    @property
    def is_platform(self) -> bool:
        return self.merchant_id is None

    @property
    def guc(self) -> str:
        """The value of the connection setting `app.tenant` that row-level security compares with."""
        return "*" if self.merchant_id is None else str(self.merchant_id)


_current: ContextVar[Scope | None] = ContextVar("tenant_scope", default=None)


def current_scope() -> Scope | None:
    return _current.get()


def require_scope() -> Scope:
    """The open scope. Raises NoScope where there is none."""
    scope = _current.get()
    if scope is None:
        raise NoScope("No tenant scope is open. Wrap the work in tenant_scope(merchant_id).")
    return scope


def require_merchant_id() -> int:
    """The merchant of the open scope. Raises NoScope without one or in a platform scope."""
    scope = require_scope()
    if scope.merchant_id is None:
        raise NoScope("A platform scope is open, but this needs one merchant's.")
    return scope.merchant_id


@contextmanager
def _open(scope: Scope | None) -> Iterator[None]:
    token = _current.set(scope)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def tenant_scope(merchant_id: int) -> Iterator[None]:
    """Within the block, only rows of this merchant exist."""
    with _open(Scope(merchant_id)), structlog.contextvars.bound_contextvars(merchant_id=merchant_id):
        yield


@contextmanager
def platform_scope(reason: str) -> Iterator[None]:
    """Within the block, rows of all merchants exist. Logged with its reason."""
    log.debug("platform_scope", reason=reason)
    with _open(Scope(None, reason)):
        yield
