"""Test cards and what their bank does (docs.stripe.com/testing)."""

from dataclasses import dataclass
from typing import Literal

Authentication = Literal["never", "always", "unless_set_up", "set_up_already"]
RefundOutcome = Literal["succeeds", "pending", "fails"]


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class Behaviour:
    """What the bank answers. `attaches` is False where Stripe already refuses to save such a card."""

    decline: str | None = None
    authentication: Authentication = "never"
    attaches: bool = True
    refund: RefundOutcome = "succeeds"


@dataclass(frozen=True)
class Card:
    number: str
    behaviour: str
    brand: str = "visa"
    country: str = "US"


DECLINES = {
    "generic": Decline("card_declined", "generic_decline", "Your card was declined."),
    "insufficient_funds": Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "lost_card": Decline("card_declined", "lost_card", "Your card was declined."),
    "stolen_card": Decline("card_declined", "stolen_card", "Your card was declined."),
    "expired_card": Decline("expired_card", None, "Your card has expired."),
    "incorrect_cvc": Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
    "processing_error": Decline(
        "processing_error", None, "An error occurred while processing your card. Try again in a little bit."
    ),
    "velocity": Decline(
        "card_declined",
        "card_velocity_exceeded",
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    ),
}

BEHAVIOURS = {
    "ok": Behaviour(),
    **{name: Behaviour(decline=name, attaches=False) for name in DECLINES},
    "declined_after_attach": Behaviour(decline="generic"),
    "always_authenticate": Behaviour(authentication="always"),
    "authenticate_unless_set_up": Behaviour(authentication="unless_set_up"),
    "already_set_up": Behaviour(authentication="set_up_already"),
    "authenticate_then_insufficient_funds": Behaviour(authentication="unless_set_up", decline="insufficient_funds"),
    "authenticate_then_declined": Behaviour(authentication="always", decline="generic"),
    "authenticate_then_processing_error": Behaviour(authentication="always", decline="processing_error"),
    "refund_pending": Behaviour(refund="pending"),
    "refund_fails": Behaviour(refund="fails"),
}

CARDS = {
    "pm_card_visa": Card("4242424242424242", "ok"),
    "pm_card_visa_debit": Card("4000056655665556", "ok"),
    "pm_card_mastercard": Card("5555555555554444", "ok", brand="mastercard"),
    "pm_card_amex": Card("378282246310005", "ok", brand="amex"),
    "pm_card_gb": Card("4000008260000000", "ok", country="GB"),
    "pm_card_visa_chargeDeclined": Card("4000000000000002", "generic"),
    "pm_card_chargeDeclined": Card("4000000000000002", "generic"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Card("4000000000009995", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": Card("4000000000009987", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": Card("4000000000009979", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": Card("4000000000000069", "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": Card("4000000000000127", "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": Card("4000000000000119", "processing_error"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": Card("4000000000006975", "velocity"),
    "pm_card_chargeCustomerFail": Card("4000000000000341", "declined_after_attach"),
    "pm_card_authenticationRequired": Card("4000002760003184", "always_authenticate", country="DE"),
    "pm_card_authenticationRequiredOnSetup": Card("4000002500003155", "authenticate_unless_set_up", country="IE"),
    "pm_card_authenticationRequiredSetupForOffSession": Card("4000003800000446", "already_set_up", country="IE"),
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": Card(
        "4000008260003178", "authenticate_then_insufficient_funds", country="GB"
    ),
    "pm_card_threeDSecure2Required": Card("4000000000003220", "always_authenticate", country="IE"),
    "pm_card_threeDSecureRequiredChargeDeclined": Card("4000008400001629", "authenticate_then_declined"),
    "pm_card_threeDSecureRequiredProcessingError": Card("4000008400001280", "authenticate_then_processing_error"),
    "pm_card_pendingRefund": Card("4000000000007726", "refund_pending"),
    "pm_card_refundFail": Card("4000000000005126", "refund_fails"),
}
BY_NUMBER = {card.number: card for card in CARDS.values()}


def is_luhn_valid(number: str) -> bool:
    if not (number.isascii() and number.isdecimal() and 12 <= len(number) <= 19):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0


def card_for_number(number: str) -> Card:
    """Any other valid number is an ordinary card; its first digit tells the brand."""
    brand = {"3": "amex", "4": "visa", "5": "mastercard", "6": "discover"}.get(number[:1], "unknown")
    return BY_NUMBER.get(number, Card(number, "ok", brand=brand))
