from core.errors import DomainError, ErrorKind


class EditNotFound(DomainError):
    code = "edit_not_found"
    kind = ErrorKind.NOT_FOUND
    message = "There is no such change."


class EditFinished(DomainError):
    code = "edit_finished"
    kind = ErrorKind.CONFLICT
    message = "This change can no longer be altered. Start a new one."


class EditEmpty(DomainError):
    code = "edit_empty"
    message = "Nothing is to be changed. Add an item first."


class NotForSale(DomainError):
    code = "not_for_sale"
    message = "This item cannot be added to the order."


class CurrencyNotOffered(DomainError):
    code = "currency_not_offered"
    message = "{title} has no price in {currency}, the currency of the order."


class InvalidQuantity(DomainError):
    code = "invalid_quantity"
    message = "The quantity is a whole number from 0 to {most}."


class QuoteExpired(DomainError):
    code = "quote_expired"
    kind = ErrorKind.CONFLICT
    message = "The total was valid until a moment ago. Check the new one and confirm again."


class QuoteStale(DomainError):
    code = "quote_stale"
    kind = ErrorKind.CONFLICT
    message = "The order or the change is not what the total was made for. Check the new one and confirm again."


class CommitKeyReused(DomainError):
    code = "commit_key_reused"
    message = "This key was used for another change. Use a new one."


class ChargeLimitExceeded(DomainError):
    code = "charge_limit_exceeded"
    kind = ErrorKind.FORBIDDEN
    message = "Changes made with the link may come to {limit} per order; this one would go above."


class EditNotInReview(DomainError):
    code = "edit_not_in_review"
    kind = ErrorKind.CONFLICT
    message = "This change does not wait for a person."
