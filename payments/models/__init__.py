from payments.models.account import StripeAccount
from payments.models.intent import PaymentEvent, PaymentIntentRecord

__all__ = ["PaymentEvent", "PaymentIntentRecord", "StripeAccount"]
