from core.errors import DomainError, ErrorKind


class InvalidGiftCard(DomainError):
    code = "invalid_gift_card"
    message = "The gift card has errors; see the fields."


class GiftCardPosted(DomainError):
    code = "gift_card_posted"
    kind = ErrorKind.CONFLICT
    message = "Card …{last4} is in use already; a file does not change its balance any more."


class GiftCardCurrency(DomainError):
    code = "gift_card_currency"
    kind = ErrorKind.CONFLICT
    message = "Card …{last4} is known in {known}; a card does not change its currency."
