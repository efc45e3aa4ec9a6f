"""Refusals that any API endpoint can answer with."""

from core.errors import DomainError, ErrorKind


class Malformed(DomainError):
    code = "malformed"
    kind = ErrorKind.MALFORMED
    message = "The body cannot be read as JSON: {reason}"


class Unauthenticated(DomainError):
    code = "unauthenticated"
    kind = ErrorKind.UNAUTHENTICATED
    message = "Send a live API key as Authorization: Bearer <key>."


class MerchantSuspended(DomainError):
    code = "merchant_suspended"
    kind = ErrorKind.FORBIDDEN
    message = "This merchant is suspended. Ask the operator of the platform."


class ScopeMissing(DomainError):
    code = "scope_missing"
    kind = ErrorKind.FORBIDDEN
    message = "This key lacks the scope {scope}."


class SecretKeyNeeded(DomainError):
    code = "secret_key_needed"
    kind = ErrorKind.FORBIDDEN
    message = "A publishable key cannot do this. Use a secret key from your server."


class BodyTooLarge(DomainError):
    code = "body_too_large"
    kind = ErrorKind.TOO_LARGE
    message = "The body is larger than {limit} bytes. Send less at a time."


class LengthRequired(DomainError):
    code = "length_required"
    kind = ErrorKind.MALFORMED
    message = "Send the body with a Content-Length, not in chunks."


class RateLimited(DomainError):
    code = "rate_limited"
    kind = ErrorKind.RATE_LIMITED
    message = "More than {limit} requests in a minute with this key. Wait {seconds} s."


class InvalidFields(DomainError):
    code = "invalid"
    message = "Refused: {fields}"


class IdempotencyKeyMissing(DomainError):
    code = "idempotency_key_missing"
    kind = ErrorKind.MALFORMED
    message = "Send an Idempotency-Key header: 1 to 255 visible ASCII characters, new for each operation."


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    message = "This Idempotency-Key was used for another request. Use a new key for a new operation."


class IdempotencyKeyInFlight(DomainError):
    code = "idempotency_key_in_flight"
    kind = ErrorKind.CONFLICT
    message = "The first request with this Idempotency-Key is still running. Repeat it in {seconds} s."


class AnswerErased(DomainError):
    code = "answer_erased"
    kind = ErrorKind.CONFLICT
    message = "This request was done. Its answer was erased together with a customer's data."


class DependencyDown(DomainError):
    code = "unavailable"
    kind = ErrorKind.UNAVAILABLE
    message = "Something that this needs does not answer. Nothing was changed. Try again in a moment."
    retry_after_seconds = 5
