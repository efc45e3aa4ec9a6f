"""Pure rules of an edit: its states, its steps, and what additions cost."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class EditState(StrEnum):
    DRAFT = "draft"
    COMMITTING = "committing"
    AWAITING_CUSTOMER = "awaiting_customer"
    COMPENSATING = "compensating"
    APPLIED = "applied"
    DECLINED = "declined"
    FAILED = "failed"
    EXPIRED = "expired"
    ABANDONED = "abandoned"
    MANUAL_REVIEW = "manual_review"


S = EditState

# Which state may follow which. What ends a compensation is decided when it begins.
TRANSITIONS: dict[EditState, tuple[EditState, ...]] = {
    S.DRAFT: (S.COMMITTING, S.ABANDONED),
    S.COMMITTING: (S.AWAITING_CUSTOMER, S.COMPENSATING, S.APPLIED, S.MANUAL_REVIEW),
    S.AWAITING_CUSTOMER: (S.COMMITTING, S.COMPENSATING),
    S.COMPENSATING: (S.DECLINED, S.FAILED, S.EXPIRED, S.MANUAL_REVIEW),
    S.MANUAL_REVIEW: (S.COMMITTING, S.COMPENSATING),
    S.APPLIED: (),
    S.DECLINED: (),
    S.FAILED: (),
    S.EXPIRED: (),
    S.ABANDONED: (),
}

# The most units of one variant that a change may add.
MOST_UNITS = 99

# States in which the edit holds the order's window: at most one such edit per order.
HOLDING_STATES = (S.COMMITTING, S.AWAITING_CUSTOMER, S.COMPENSATING, S.MANUAL_REVIEW)
# States that a worker takes further by itself.
DRIVEN_STATES = (S.COMMITTING, S.COMPENSATING)
FINAL_STATES = tuple(state for state, following in TRANSITIONS.items() if not following)


class StepName(StrEnum):
    """The order of effects of an increase: the money is taken last, so that a failure costs a void, not a refund."""

    RESERVE = "reserve"
    AUTHORISE = "authorise"
    APPLY = "apply"
    CAPTURE = "capture"


def steps_for(due_minor: int) -> tuple[StepName, ...]:
    """An edit with nothing to pay moves no money."""
    if due_minor == 0:
        return (StepName.RESERVE, StepName.APPLY)
    return tuple(StepName)


@dataclass(frozen=True, slots=True)
class AddItem:
    """A variant to add, at its catalogue price."""

    variant_id: uuid.UUID
    title: str
    variant_title: str
    quantity: int
    unit_price_minor: int
    tax_rate_bp: int | None


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line already on the order: what it tells about tax."""

    net_minor: int
    tax_rate_bp: int


@dataclass(frozen=True, slots=True)
class OrderContext:
    currency: str
    version: int
    total_minor: int
    is_tax_inclusive: bool
    lines: tuple[PaidLine, ...]


@dataclass(frozen=True, slots=True)
class QuoteLine:
    variant_id: str
    title: str
    variant_title: str
    quantity: int
    unit_price_minor: int
    discount_minor: int
    tax_minor: int
    tax_rate_bp: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class QuoteFigures:
    """What the change costs, to the minor unit. Due = Σ line totals + shipping; what was bought before stays."""

    currency: str
    order_version: int
    lines: tuple[QuoteLine, ...]
    items_minor: int
    tax_minor: int
    shipping_minor: int
    due_minor: int
    new_total_minor: int

    def hash(self) -> str:
        """The same figures give the same hash."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def price_additions(items: Sequence[AddItem], order: OrderContext) -> QuoteFigures:
    """Price the additions at catalogue prices; tax by the variant's rate, else the order's prevailing one.

    They go in the same parcel: shipping stays as it is.
    """
    prevailing = prevailing_rate_bp(order.lines)
    lines = tuple(_line(item, prevailing, tax_inclusive=order.is_tax_inclusive) for item in items)
    due = sum(line.total_minor for line in lines)
    return QuoteFigures(
        currency=order.currency,
        order_version=order.version,
        lines=lines,
        items_minor=sum(line.unit_price_minor * line.quantity for line in lines),
        tax_minor=sum(line.tax_minor for line in lines),
        shipping_minor=0,
        due_minor=due,
        new_total_minor=order.total_minor + due,
    )


def prevailing_rate_bp(lines: Sequence[PaidLine]) -> int:
    """The tax rate under which most of the order's goods were sold; of equals, the higher one."""
    value_by_rate: dict[int, int] = {}
    for line in lines:
        value_by_rate[line.tax_rate_bp] = value_by_rate.get(line.tax_rate_bp, 0) + line.net_minor
    if not value_by_rate:
        return 0
    return max(value_by_rate, key=lambda rate: (value_by_rate[rate], rate))


def _line(item: AddItem, prevailing_bp: int, *, tax_inclusive: bool) -> QuoteLine:
    rate_bp = prevailing_bp if item.tax_rate_bp is None else item.tax_rate_bp
    goods = item.unit_price_minor * item.quantity
    tax = included_tax(goods, rate_bp) if tax_inclusive else added_tax(goods, rate_bp)
    return QuoteLine(
        variant_id=str(item.variant_id),
        title=item.title,
        variant_title=item.variant_title,
        quantity=item.quantity,
        unit_price_minor=item.unit_price_minor,
        discount_minor=0,
        tax_minor=tax,
        tax_rate_bp=rate_bp,
        total_minor=goods if tax_inclusive else goods + tax,
    )


def added_tax(net_minor: int, rate_bp: int) -> int:
    """Tax on top of a net amount, half up."""
    return (net_minor * rate_bp + 5_000) // 10_000


def included_tax(gross_minor: int, rate_bp: int) -> int:
    """The tax within a gross amount: gross − gross ÷ (1 + rate), the net rounded half up."""
    divisor = 10_000 + rate_bp
    net = (gross_minor * 10_000 * 2 + divisor) // (divisor * 2)
    return gross_minor - net
