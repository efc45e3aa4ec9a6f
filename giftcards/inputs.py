"""What comes in: balances of cards that were issued before the platform kept them. Amounts already in minor units."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardInput:
    """`code` as the card shows it; spaces, dashes and case do not matter. Times are aware, the expiry is exclusive."""

    code: str
    currency: str
    balance_minor: int
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    customer_external_id: str = ""
    customer_email: str = ""
    note: str = ""
