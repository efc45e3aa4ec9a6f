"""What the pages are made of: plain frozen data, read by selectors, turned into sentences by `portal.pages`."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from editing.rules import StepName


@dataclass(frozen=True, slots=True)
class Shop:
    name: str
    locale: str
    time_zone: str
    brand_colour: str
    address_line: str
    support_email: str


@dataclass(frozen=True, slots=True)
class Card:
    brand: str
    last4: str


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    variant_title: str
    picture_url: str
    quantity: int
    unit_price_minor: int
    is_added: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    is_open: bool
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    is_cut_short: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    street: str
    place: str
    email: str


@dataclass(frozen=True, slots=True)
class Order:
    id: uuid.UUID
    number: str
    currency: str
    is_tax_inclusive: bool
    placed_at: datetime
    lines: tuple[Line, ...]
    items_minor: int
    discount_minor: int
    shipping_minor: int
    shipping_title: str
    tax_minor: int
    total_minor: int
    refunded_minor: int = 0
    paid_at: datetime | None = None
    fulfilment_started_at: datetime | None = None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    card: Card | None = None
    is_chargeable: bool = False
    window: Window | None = None
    recipient: Recipient | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of one product that the shop sells, as found by search."""

    product_id: uuid.UUID
    variant_id: uuid.UUID
    title: str
    variant_title: str
    picture_url: str
    price_minor: int
    left: int | None = None  # None: stock is not counted


@dataclass(frozen=True, slots=True)
class Addition:
    variant_id: uuid.UUID
    title: str
    variant_title: str
    picture_url: str
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class Quote:
    id: uuid.UUID
    additions: tuple[Addition, ...]
    tax_minor: int
    paid_minor: int
    new_total_minor: int
    due_minor: int
    expires_at: datetime


class ChangeState(StrEnum):
    DRAFT = "draft"
    WORKING = "working"
    BANK = "bank"
    APPLIED = "applied"
    DECLINED = "declined"
    UNDONE = "undone"
    EXPIRED = "expired"
    PERSON = "person"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Change:
    id: uuid.UUID
    state: ChangeState
    quote: Quote | None
    done: frozenset[StepName] = frozenset()
    failure_code: str = ""
    failure_text: str = ""
    deadline_at: datetime | None = None
