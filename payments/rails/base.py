"""What a rail is: a way to take money. Stripe is one; gift cards register themselves as another from above.

Plain data and a protocol, no Django. A rail makes one call, names what came of it and remembers nothing.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class RailState(StrEnum):
    """What the provider says about an intent, or what is known of a call about it."""

    PENDING = "pending"  # exists, nothing decided yet
    REQUIRES_ACTION = "requires_action"  # the bank wants the shopper; `next_url` may be there already
    REQUIRES_CAPTURE = "requires_capture"  # authorised, money reserved
    SUCCEEDED = "succeeded"  # captured
    DECLINED = "declined"
    CANCELLED = "cancelled"
    MISSING = "missing"  # the provider knows no such intent
    UNKNOWN = "unknown"  # time-out or 5xx: it may have happened. Call again with the same key
    UNAVAILABLE = "unavailable"  # surely not done: no connection, or too many requests

    @property
    def is_conclusive(self) -> bool:
        return self not in (RailState.MISSING, RailState.UNKNOWN, RailState.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class AuthoriseRequest:
    """Take `amount_minor` from the card on file, off session, to be captured later."""

    amount_minor: int
    currency: str
    customer: str
    payment_method: str
    idempotency_key: str
    description: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindRequest:
    """Look for an intent of which only our metadata is known."""

    customer: str
    created_after: int  # Unix seconds
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class RailResult:
    state: RailState
    intent: str = ""
    amount_minor: int = 0
    currency: str = ""
    captured_minor: int = 0
    next_url: str = ""
    code: str = ""  # the provider's error code: card_declined, authentication_required
    decline_code: str = ""  # the issuer's reason: insufficient_funds
    provider_status: str = ""
    request_id: str = ""
    is_replay: bool = False  # the provider answered from its memory of the idempotency key


class Rail(Protocol):
    """Every method makes one external call: never within a database transaction.

    Declines, time-outs and wrong states come back as a RailResult. Only a wrong set-up raises (RailMisconfigured).
    """

    def authorise(self, request: AuthoriseRequest) -> RailResult: ...

    def confirm_on_session(
        self, intent: str, *, payment_method: str, return_url: str, idempotency_key: str
    ) -> RailResult:
        """Confirm the same intent with the shopper present; `next_url` is the bank's page, if it wants one."""

    def capture(self, intent: str, *, idempotency_key: str) -> RailResult: ...

    def void(self, intent: str, *, idempotency_key: str) -> RailResult:
        """Cancel. SUCCEEDED in the answer says that it was too late: a refund is needed."""

    def fetch(self, intent: str) -> RailResult: ...

    def find(self, request: FindRequest) -> RailResult:
        """MISSING when the provider holds no intent with this metadata."""
