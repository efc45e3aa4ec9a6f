"""What comes in: frozen, amounts already in minor units. The API, files and connectors all end up here."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInput:
    """`created_at` is since when the shop knows the customer; it only ever moves back."""

    external_id: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    locale: str = ""
    accepts_marketing: bool | None = None
    consented_at: datetime | None = None
    consent_source: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantInput:
    external_id: str
    price_minor: int
    currency: str
    sku: str = ""
    title: str = ""
    position: int = 0
    cost_minor: int | None = None
    tax_rate_bp: int | None = None
    stock_quantity: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductInput:
    source: str
    external_id: str
    title: str
    variants: tuple[VariantInput, ...]
    type: str = ""
    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    picture_url: str = ""
    is_consumable: bool = False
    status: str = "active"
    complements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressInput:
    country: str
    name: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """`unit_price_minor` is before discount; discount, tax and refunded are of the whole line.

    `edit_id` names the edit that added the line after checkout; only restored history knows it.
    """

    external_id: str
    title: str
    quantity: int
    unit_price_minor: int
    variant_external_id: str | None = None
    sku: str = ""
    variant_title: str = ""
    picture_url: str = ""
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_bp: int = 0
    fulfilled_quantity: int = 0
    in_progress_quantity: int = 0
    refunded_quantity: int = 0
    refunded_minor: int = 0
    edit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLineInput:
    line_external_id: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundInput:
    """One refund of an order; known again by its `external_id`. `shipping_minor` is the part for shipping."""

    external_id: str
    refunded_at: datetime
    lines: tuple[RefundLineInput, ...] = ()
    shipping_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderInput:
    kind: str
    amount_minor: int
    captured_minor: int = 0
    provider: str = ""
    provider_customer: str = ""
    provider_payment_method: str = ""
    brand: str = ""
    last4: str = ""
    redemption_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInput:
    """A whole order as the shop sees it at `version`. `total_minor` must equal the sum of its parts.

    A file that knows no versions leaves it None: then a difference counts, and an order that came live is left alone.
    What the order was at checkout (`checkout_total_minor`, `checkout_net_minor`) is told of restored history only.
    """

    source: str
    external_id: str
    number: str
    version: int | None
    currency: str
    placed_at: datetime
    lines: tuple[LineInput, ...]
    total_minor: int
    checkout_total_minor: int | None = None
    checkout_net_minor: int | None = None
    fx_rate: Decimal | None = None
    tax_inclusive: bool = False
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    fulfilment_started_at: datetime | None = None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    customer: CustomerInput | None = None
    shipping_title: str = ""
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    shipping_refunded_minor: int = 0
    shipping_address: AddressInput | None = None
    billing_address: AddressInput | None = None
    tenders: tuple[TenderInput, ...] = ()
    refunds: tuple[RefundInput, ...] = ()
    tags: tuple[str, ...] = ()
    sales_channel: str = ""
    landing_utm: dict[str, Any] = field(default_factory=dict)
    risk_level: str = "unknown"
    is_test: bool = False
    is_backfill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditInput:
    """One line of a credit note that does not say which order it belongs to. A shipping credit has no `sku`."""

    external_id: str
    customer_external_id: str
    sku: str
    unit_price_minor: int
    quantity: int
    refunded_at: datetime
    is_shipping: bool = False

    @property
    def amount_minor(self) -> int:
        return self.unit_price_minor * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFulfilment:
    external_id: str
    fulfilled_quantity: int
    in_progress_quantity: int = 0
