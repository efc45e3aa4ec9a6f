"""The past of a demo shop: orders, returns of shoppers, cancellations, refunds, and what was added after checkout."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from devtools.demo.baskets import Baskets
from devtools.demo.catalogue import minor
from devtools.demo.orders import order_payload
from devtools.demo.people import people
from devtools.demo.pricing import decimal_string, priced
from devtools.demo.repeat import lives
from devtools.demo.rhythm import is_daytime, packing, shopping_time
from devtools.demo.shelf import Shelf
from devtools.demo.spec import Code, DemoProduct, DemoShop, EditPlan, History, OrderPlan, Payload, Person, Pick

CANCELLED = 0.026
REFUNDED = 0.045
# One edit among so many recent orders: 4.5 %, and a declined one now and then.
ONE_EDIT_IN = 22
ONE_DECLINE_IN = 75
WINDOW_IS_OVER_AFTER = timedelta(hours=3, minutes=30)
EDITED_TOTAL = (3000, 18000)
SALE_STARTS_DAYS_AGO, SALE_DAYS = 44, 4


@dataclass
class _Slots:
    """Every block of orders has exactly one chosen place, so that small numbers keep the rate."""

    size: int
    rng: random.Random
    _seen: int = 0
    _chosen: int = -1

    def is_next(self) -> bool:
        if self._seen % self.size == 0:
            self._chosen = self.rng.randrange(self.size)
        is_chosen = self._seen % self.size == self._chosen
        self._seen += 1
        return is_chosen


@dataclass
class _Maker:
    shop: DemoShop
    seed: int
    now: datetime
    zone: ZoneInfo = field(init=False)
    shelf: Shelf = field(init=False)
    baskets: Baskets = field(init=False)
    edits: _Slots = field(init=False)
    declines: _Slots = field(init=False)
    bought: dict[str, list[DemoProduct]] = field(default_factory=dict)
    owed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.shop.time_zone)
        self.shelf = Shelf(self.shop.products)
        self.baskets = Baskets(self.shop, self.shelf)
        self.edits = _Slots(ONE_EDIT_IN, self.rng("edits"))
        self.declines = _Slots(ONE_DECLINE_IN, self.rng("declines"))

    def rng(self, part: str) -> random.Random:
        return random.Random(f"{self.seed}:{self.shop.slug}:{part}")

    def visits(self, persons: tuple[Person, ...]) -> list[tuple[datetime, Person, bool]]:
        """When, who, and whether it is this shopper's first order ever."""
        rng = self.rng("visits")
        start = self.now - timedelta(days=self.shop.days)
        found: list[tuple[datetime, Person, bool]] = []
        for person, life in zip(persons, lives(len(persons), start, self.now, rng), strict=True):
            for index, about in enumerate(life):
                at = shopping_time(about, self.zone, rng)
                if start <= at <= self.now:
                    found.append((at, person, index == 0))
        return sorted(found, key=lambda visit: (visit[0], visit[1].external_id))

    def code(self, placed_at: datetime, is_first: bool, rng: random.Random) -> Code | None:
        days_ago = (self.now - placed_at).days
        if SALE_STARTS_DAYS_AGO - SALE_DAYS < days_ago <= SALE_STARTS_DAYS_AGO and rng.random() < 0.6:
            return self.shop.sale
        if is_first:
            return self.shop.welcome if rng.random() < 0.36 else None
        return self.shop.thanks if rng.random() < 0.09 else None

    def order(self, number: int, visit: tuple[datetime, Person, bool]) -> OrderPlan:
        placed_at, person, is_first = visit
        rng = self.rng(f"order {number}")
        picks = self.baskets.basket(self.bought.get(person.external_id, []), rng)
        code = self.code(placed_at, is_first, rng)
        sums = priced(self.shop, picks, person.region, code, is_express=rng.random() < 0.07)
        payload = order_payload(self.shop, person, number, sums, placed_at, code=code, rng=rng)
        self.bought.setdefault(person.external_id, []).extend(p.product for p in picks if p.product.is_consumable)
        plan = self._timeline(payload, person, placed_at, rng)
        if plan.cancelled_at is None:
            self.shelf.take(picks)
            plan = replace(plan, edit=self._edit(plan, picks, sums.total, rng))
        return plan

    def _timeline(self, payload: Payload, person: Person, placed_at: datetime, rng: random.Random) -> OrderPlan:
        cancelled_at = placed_at + timedelta(minutes=rng.randrange(6, 150)) if rng.random() < CANCELLED else None
        if cancelled_at is not None and cancelled_at <= self.now:
            return OrderPlan(payload, person, placed_at, None, None, None, cancelled_at)
        started, left, arrived = packing(placed_at, self.zone, rng)
        return OrderPlan(
            payload,
            person,
            placed_at,
            fulfilment_started_at=self._if_past(started),
            fulfilled_at=self._if_past(left),
            delivered_at=self._if_past(arrived),
            cancelled_at=None,
        )

    def _if_past(self, moment: datetime) -> datetime | None:
        return moment if moment <= self.now else None

    def _edit(self, plan: OrderPlan, picks: list[Pick], total: int, rng: random.Random) -> EditPlan | None:
        """Every recent order counts towards the share; the next one that is fit for an edit takes it."""
        age = self.now - plan.placed_at
        if age > timedelta(days=self.shop.edited_days) or age < WINDOW_IS_OVER_AFTER:
            return None
        if self.edits.is_next():
            self.owed.append("ok")
        if self.declines.is_next():
            self.owed.append("declines")
        is_fit = is_daytime(plan.placed_at, self.zone) and EDITED_TOTAL[0] <= total <= EDITED_TOTAL[1]
        if not is_fit or not self.owed:
            return None
        additions = self.baskets.addition(picks, round(total * rng.triangular(0.06, 0.26, 0.15)), rng)
        if not additions:
            return None
        card = self.owed.pop(0)
        if card == "ok":
            self.shelf.take(additions)
        return EditPlan(rng.randrange(4, 95), additions, card)


def history(shop: DemoShop, seed: int, now: datetime) -> History:
    """The same seed and moment give the same past, order by order."""
    maker = _Maker(shop, seed, now)
    persons = people(shop, seed, shop.customers)
    plans: list[OrderPlan] = []
    week = -1
    for number, visit in enumerate(maker.visits(persons), start=shop.first_number):
        this_week = visit[0].isocalendar().week
        if this_week != week:
            maker.shelf.restock()
            week = this_week
        plans.append(maker.order(number, visit))
    return History(shop, persons, tuple(plans), maker.shelf.counts())


def as_past(plan: OrderPlan, seed: int) -> Payload:
    """The order as the shop would report it today: packed, sent, cancelled or refunded."""
    rng = random.Random(f"{seed}:past {plan.payload['external_id']}")
    lines = [dict(line) for line in plan.payload["lines"]]
    for line in lines:
        line["fulfilled_quantity"] = line["quantity"] if plan.fulfilled_at else 0
        line["in_progress_quantity"] = line["quantity"] if plan.fulfilment_started_at and not plan.fulfilled_at else 0
    if plan.cancelled_at:
        for line in lines:
            _refund(line, line["quantity"], is_tax_inclusive=plan.payload["tax_inclusive"])
    elif plan.delivered_at and rng.random() < REFUNDED:
        _refund(rng.choice(lines), 1, is_tax_inclusive=plan.payload["tax_inclusive"])
    return {
        **plan.payload,
        "lines": lines,
        "fulfilment_started_at": _iso(plan.fulfilment_started_at),
        "fulfilled_at": _iso(plan.fulfilled_at),
        "delivered_at": _iso(plan.delivered_at),
        "cancelled_at": _iso(plan.cancelled_at),
        "backfill": True,
    }


def _refund(line: Payload, quantity: int, *, is_tax_inclusive: bool) -> None:
    whole = minor(line["unit_price"]) * line["quantity"] - minor(line["discount"])
    whole += 0 if is_tax_inclusive else minor(line["tax"])
    line["refunded_quantity"] = quantity
    line["refunded"] = decimal_string(whole * quantity // line["quantity"])


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
