"""The plain facts that the demo generator works on. Amounts are minor units."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Payload = dict[str, Any]


@dataclass(frozen=True)
class DemoVariant:
    external_id: str
    sku: str
    title: str
    price: int
    cost: int
    opening_stock: int | None
    """None: the shop does not count this one."""
    is_restocked: bool = True


@dataclass(frozen=True)
class DemoProduct:
    slug: str
    title: str
    type: str
    collections: tuple[str, ...]
    tags: tuple[str, ...]
    variants: tuple[DemoVariant, ...]
    weight: float
    is_consumable: bool
    goes_with: tuple[str, ...]
    most: int
    """How many one shopper plausibly takes at once."""


@dataclass(frozen=True)
class Region:
    """Where people live, and what tax a sale there carries."""

    code: str
    tax_bp: int
    taxes_shipping: bool
    cities: tuple[tuple[str, str], ...]
    """City and postal code."""
    weight: float = 1.0


@dataclass(frozen=True)
class Code:
    name: str
    percent: int = 0
    amount: int = 0


@dataclass(frozen=True)
class StaffMember:
    email: str
    name: str
    role: str


@dataclass(frozen=True)
class DemoShop:
    slug: str
    name: str
    prefix: str
    currency: str
    country: str
    time_zone: str
    locale: str
    brand_colour: str
    address_line: str
    support_email: str
    owner: StaffMember
    staff: tuple[StaffMember, ...]
    products: tuple[DemoProduct, ...]
    regions: tuple[Region, ...]
    is_tax_inclusive: bool
    shipping_price: int
    express_price: int
    free_shipping_from: int
    first_number: int
    welcome: Code
    thanks: Code
    sale: Code
    customers: int
    days: int
    edited_days: int
    """Only the last so many days have post-purchase edits."""


@dataclass(frozen=True)
class Person:
    external_id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    accepts_marketing: bool
    line1: str
    line2: str
    city: str
    postal_code: str
    region: Region


@dataclass(frozen=True)
class Pick:
    """One line of a basket."""

    product: DemoProduct
    variant: DemoVariant
    quantity: int


@dataclass(frozen=True)
class EditPlan:
    """What a shopper added after checkout, and whether the card took it."""

    minutes_after: int
    additions: tuple[Pick, ...]
    card: str


@dataclass(frozen=True)
class OrderPlan:
    """One order: what goes through the API, and what happens to it later."""

    payload: Payload
    person: Person
    placed_at: datetime
    fulfilment_started_at: datetime | None
    fulfilled_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    edit: EditPlan | None = None


@dataclass(frozen=True)
class History:
    shop: DemoShop
    people: tuple[Person, ...]
    orders: tuple[OrderPlan, ...]
    stock: dict[str, int] = field(default_factory=dict)
    """What lies on the shelf now, by variant; edits of the history not yet taken off."""
