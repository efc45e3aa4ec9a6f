"""The pure part of payments: what may follow what, how keys are made, what a decline means, when a signature holds."""

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta
from enum import StrEnum

from payments.rails.base import RailState

# A call whose connection was lost is not still at work after this long.
CALL_LIFETIME = timedelta(minutes=2)
SIGNATURE_TOLERANCE_SECONDS = 300


class PaymentState(StrEnum):
    """The state of an intent; the last two are answers about a call, never stored."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"


STORED_STATES = tuple(s for s in PaymentState if s not in (PaymentState.UNKNOWN, PaymentState.UNAVAILABLE))
# An intent in one of these holds money or may come to.
LIVE_STATES = (
    PaymentState.PENDING,
    PaymentState.REQUIRES_ACTION,
    PaymentState.REQUIRES_CAPTURE,
    PaymentState.SUCCEEDED,
)
FINAL_STATES = (PaymentState.SUCCEEDED, PaymentState.CANCELLED)

_RANK = {
    PaymentState.PENDING: 0,
    PaymentState.REQUIRES_ACTION: 1,
    PaymentState.DECLINED: 2,
    PaymentState.REQUIRES_CAPTURE: 3,
    PaymentState.CANCELLED: 4,
    PaymentState.SUCCEEDED: 4,
}


def state_of(rail: RailState) -> PaymentState:
    """MISSING is no state of an intent: who meets it has to decide."""
    return PaymentState(rail.value)


def may_become(old: PaymentState, new: PaymentState) -> bool:
    """Forwards only, so that answers and webhooks may come late, twice and in any order."""
    return _RANK[new] > _RANK[old]


def idempotency_key(edit_id: uuid.UUID, attempt: int) -> str:
    """The key of one attempt; each operation on it adds its own suffix (`call_key`)."""
    return f"{edit_id}:{attempt}"


def call_key(attempt_key: str, operation: str, round_: int, argument: str = "") -> str:
    """The key sent with one operation. Another argument, or a new round after a void answer, makes another key."""
    digest = f":{hashlib.sha256(argument.encode()).hexdigest()[:16]}" if argument else ""
    key = f"{attempt_key}:{operation}:{round_}{digest}"
    if len(key) > 255:
        raise ValueError("An idempotency key has at most 255 characters.")
    return key


class DeclineReason(StrEnum):
    """What a shopper is told. Lost, stolen and suspected fraud read like any other refusal."""

    REFUSED = "refused"
    FUNDS = "funds"
    EXPIRED = "expired"
    LIMIT = "limit"
    CARD_GONE = "card_gone"
    UNSUPPORTED = "unsupported"
    TRY_LATER = "try_later"
    NOT_CONFIRMED = "not_confirmed"
    OURS = "ours"


_REASONS = {
    "insufficient_funds": DeclineReason.FUNDS,
    "expired_card": DeclineReason.EXPIRED,
    "invalid_expiry_month": DeclineReason.EXPIRED,
    "invalid_expiry_year": DeclineReason.EXPIRED,
    "card_velocity_exceeded": DeclineReason.LIMIT,
    "withdrawal_count_limit_exceeded": DeclineReason.LIMIT,
    "resource_missing": DeclineReason.CARD_GONE,
    "payment_method_unactivated": DeclineReason.CARD_GONE,
    "card_not_supported": DeclineReason.UNSUPPORTED,
    "currency_not_supported": DeclineReason.UNSUPPORTED,
    "processing_error": DeclineReason.TRY_LATER,
    "issuer_not_available": DeclineReason.TRY_LATER,
    "reenter_transaction": DeclineReason.TRY_LATER,
    "try_again_later": DeclineReason.TRY_LATER,
    "payment_intent_authentication_failure": DeclineReason.NOT_CONFIRMED,
    "authentication_not_handled": DeclineReason.NOT_CONFIRMED,
    "amount_too_small": DeclineReason.OURS,
    "amount_too_large": DeclineReason.OURS,
    "amount_not_chargeable": DeclineReason.OURS,
    "request_refused": DeclineReason.OURS,
}


def decline_reason(code: str, decline_code: str) -> DeclineReason:
    return _REASONS.get(decline_code) or _REASONS.get(code) or DeclineReason.REFUSED


def signature_holds(body: bytes, header: str, secrets: list[str], now: datetime) -> bool:
    """Stripe's scheme: HMAC-SHA256 over `timestamp.body`, any of the `v1` values, made within the tolerance."""
    stamp, signatures = _parse_signature(header)
    if stamp is None or abs(now.timestamp() - stamp) > SIGNATURE_TOLERANCE_SECONDS:
        return False
    signed = str(stamp).encode() + b"." + body
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets if secret]
    return any(hmac.compare_digest(good.encode(), given.encode()) for good in expected for given in signatures)


def _parse_signature(header: str) -> tuple[int | None, list[str]]:
    stamp: int | None = None
    signatures = []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isascii() and value.isdigit() and len(value) <= 12:
            stamp = int(value)
        elif name == "v1":
            signatures.append(value)
    return stamp, signatures
