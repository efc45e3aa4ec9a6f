"""The error kinds of the house. Services raise subclasses; only the edges (API, portal, admin) translate them."""

from enum import Enum
from typing import ClassVar


class ErrorKind(Enum):
    """Each kind is one HTTP status (docs/errors.md)."""

    MALFORMED = 400
    UNAUTHENTICATED = 401
    PAYMENT = 402
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    TOO_LARGE = 413
    INVALID = 422
    RATE_LIMITED = 429
    UNAVAILABLE = 503

    @property
    def status(self) -> int:
        return self.value


class DomainError(Exception):
    """A refusal that its reader can act on.

    `code` is stable and machine readable, `message` says what to do, `params` fill the message and travel along.
    `field_errors` maps a field path (`lines.0.quantity`) to its messages.
    """

    code: ClassVar[str] = "domain_error"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    message: ClassVar[str] = "This cannot be done."
    retry_after_seconds: int | None = None

    def __init__(self, *, field_errors: dict[str, list[str]] | None = None, **params: object) -> None:
        self.params = params
        self.field_errors = field_errors or {}
        super().__init__(self.message.format(**params) if params else self.message)

    @property
    def detail(self) -> str:
        return str(self)


class NotFound(DomainError):
    code = "not_found"
    kind = ErrorKind.NOT_FOUND
    message = "There is nothing at this address."


class Busy(DomainError):
    """A lock could not be had in time."""

    code = "busy"
    kind = ErrorKind.UNAVAILABLE
    message = "Somebody else is changing this right now. Try again in a moment."
    retry_after_seconds = 2
