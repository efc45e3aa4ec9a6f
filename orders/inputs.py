"""What comes in: frozen, amounts already in minor units. The API, files and connectors all end up here."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInput:
    external_id: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    locale: str = ""
    accepts_marketing: bool | None = None


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
    """`unit_price_minor` is before discount; discount, tax and refunded are of the whole line."""

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
    """A whole order as the shop sees it at `version`. `total_minor` must equal the sum of its parts."""

    source: str
    external_id: str
    number: str
    version: int
    currency: str
    placed_at: datetime
    lines: tuple[LineInput, ...]
    total_minor: int
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
    shipping_address: AddressInput | None = None
    billing_address: AddressInput | None = None
    tenders: tuple[TenderInput, ...] = ()
    tags: tuple[str, ...] = ()
    sales_channel: str = ""
    landing_utm: dict[str, Any] = field(default_factory=dict)
    risk_level: str = "unknown"
    is_test: bool = False
    is_backfill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFulfilment:
    external_id: str
    fulfilled_quantity: int
    in_progress_quantity: int = 0
