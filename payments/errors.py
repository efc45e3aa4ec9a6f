from core.errors import DomainError, ErrorKind


class NoSavedCard(DomainError):
    code = "no_saved_card"
    kind = ErrorKind.PAYMENT
    message = "There is no saved card on this order that can be charged."


class PaymentAttemptConflict(DomainError):
    """One attempt is one intent: it cannot be repeated with other numbers, or beside one that may still take money."""

    code = "payment_attempt_conflict"
    kind = ErrorKind.CONFLICT
    message = "This payment was already started with other details."


class PaymentStateConflict(DomainError):
    code = "payment_state_conflict"
    kind = ErrorKind.CONFLICT
    message = "The payment is {status}; it cannot be {verb}."


class PaymentMismatch(DomainError):
    """The provider's intent and ours do not name the same money. Somebody has to look."""

    code = "payment_mismatch"
    kind = ErrorKind.CONFLICT
    message = "The payment provider reports {theirs} where {ours} was asked for."


class RailMisconfigured(DomainError):
    code = "payments_not_configured"
    kind = ErrorKind.UNAVAILABLE
    message = "Payments are not set up correctly: {reason}."
    retry_after_seconds = 300


class RailSilent(DomainError):
    code = "payments_no_answer"
    kind = ErrorKind.UNAVAILABLE
    message = "The payment provider gave no answer. Nothing was changed."
    retry_after_seconds = 10


class WebhookSignatureInvalid(DomainError):
    code = "webhook_signature_invalid"
    kind = ErrorKind.UNAUTHENTICATED
    message = "The signature does not match this body, or it is too old."


class WebhookMalformed(DomainError):
    code = "webhook_malformed"
    kind = ErrorKind.MALFORMED
    message = "The body is not a Stripe event."


class WebhookTooLarge(DomainError):
    code = "webhook_too_large"
    kind = ErrorKind.TOO_LARGE
    message = "A webhook may have at most {limit} bytes."
