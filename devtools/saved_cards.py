"""Customers with a saved test card at Stripe: ours in devtools, or Stripe's own test mode."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from devtools.api_client import Line, Refused, body_of

REAL_STRIPE = "https://api.stripe.com"
# Stripe's test cards (docs.stripe.com/testing) that can be saved, and what they do when charged later.
GOOD = "pm_card_visa"
GOOD_MASTERCARD = "pm_card_mastercard"
DECLINES = "pm_card_chargeCustomerFail"
ASKS_BANK = "pm_card_authenticationRequired"


class LiveKey(ValueError):
    """Test cards have no business with a live key."""


@dataclass(frozen=True)
class SavedCard:
    customer: str
    payment_method: str
    brand: str
    last4: str

    def as_tender(self) -> dict[str, Any]:
        """A tender without its amounts."""
        return {
            "kind": "card",
            "provider": "stripe",
            "customer": self.customer,
            "payment_method": self.payment_method,
            "brand": self.brand,
            "last4": self.last4,
        }


class SavedCards:
    def __init__(self, api_base: str, api_key: str) -> None:
        if not api_base and not api_key.startswith(("sk_test_", "rk_test_")):
            raise LiveKey("Without STRIPE_API_BASE a test key of Stripe is needed (sk_test_…).")
        self._line = Line(api_base or REAL_STRIPE, patience=20.0)
        self._key = api_key

    def save(self, *, email: str, name: str, card: str = GOOD) -> SavedCard:
        """A new customer with one of Stripe's test cards. Raises Refused, Unreachable."""
        customer = self._post("/v1/customers", {"email": email, "name": name})
        method = self._post(f"/v1/payment_methods/{quote(card)}/attach", {"customer": customer["id"]})
        return SavedCard(customer["id"], method["id"], method["card"]["brand"], method["card"]["last4"])

    def _post(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/x-www-form-urlencoded"}
        reply = self._line.request("POST", path, urlencode(fields).encode(), headers)
        body = body_of(reply)
        if reply.status >= 300:
            raise Refused(reply.status, {"detail": body.get("error", {}).get("message", "")})
        return body
