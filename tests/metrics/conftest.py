"""Two shops whose orders are written row by row, so that every figure of a test is visible in it."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from core.tenancy import tenant_scope
from merchants.models import Merchant
from metrics.models import MetricDay, OrderFact
from metrics.services.days import days_drain, raw_buckets
from metrics.services.facts import facts_refresh
from orders.models import Order, OrderLine, OrderRevision, OrderTender

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


class Shop:
    def __init__(self, slug, currency="USD", time_zone="UTC"):
        self.merchant = Merchant.objects.create(slug=slug, name=slug, currency=currency, time_zone=time_zone)
        self.id = self.merchant.id

    def scope(self):
        return tenant_scope(self.id)

    def order(self, net=5000, at=NOON, **fields):
        return self.refreshed(self.unseen_order(net, at, **fields), at)

    def unseen_order(self, net=5000, at=NOON, *, paid=True, currency=None, rate="1", channel="web", **fields):
        """An order whose fact nobody has made yet."""
        name = uuid.uuid4().hex
        with self.scope():
            return Order.objects.create(
                source="test",
                external_id=name,
                external_version=1,
                number=name,
                number_normalised=name,
                currency=currency or self.merchant.currency,
                fx_rate=Decimal(rate),
                checkout_net_minor=net,
                total_minor=net,
                placed_at=at,
                paid_at=at if paid else None,
                sales_channel=channel,
                updated_at=at,
                **fields,
            )

    def refreshed(self, order, at=None):
        with self.scope():
            facts_refresh(merchant_id=self.id, order_ids=[order.id], occurred_at=at)
        return order

    def revise(self, order, at, edit_id):
        version = OrderRevision.objects.filter(order=order).count() + 1
        OrderRevision.objects.create(
            order=order,
            version=version,
            reason="edited",
            actor_type="shopper",
            edit_id=edit_id,
            total_minor=order.total_minor,
            snapshot={},
            created_at=at,
        )

    def add(self, order, *nets, tax=0, at=None):
        """One accepted edit that adds a line per value; returns the lines."""
        lines = self.write_lines(order, *nets, tax=tax, at=at)
        self.refreshed(order, at or order.placed_at)
        return lines

    def write_lines(self, order, *nets, tax=0, at=None):
        """The same, without anybody telling the metrics."""
        edit_id, at = uuid.uuid4(), at or order.placed_at
        with self.scope():
            lines = [
                OrderLine.objects.create(
                    order=order,
                    external_id=uuid.uuid4().hex,
                    position=order.lines.count(),
                    title="Mug",
                    quantity=1,
                    unit_price_minor=net,
                    tax_minor=tax,
                    total_minor=net + tax,
                    origin=OrderLine.Origin.EDIT,
                    edit_id=edit_id,
                )
                for net in nets
            ]
            self.revise(order, at, edit_id)
        return lines

    def edit_address(self, order):
        with self.scope():
            self.revise(order, order.placed_at, uuid.uuid4())
        self.refreshed(order)

    def refund(self, line, minor, at=None):
        with self.scope():
            line.refunded_minor += minor
            line.save()
        self.refreshed(line.order, at)

    def cancel(self, order, at=None):
        with self.scope():
            Order.objects.filter(id=order.id).update(status="cancelled", cancelled_at=at or order.placed_at)
        self.refreshed(order, at)

    def pay_by_card(self, order, *, ref):
        with self.scope():
            OrderTender.objects.create(
                order=order, kind="gift_card", amount_minor=500, captured_minor=500, redemption_ref=ref
            )
        self.refreshed(order)

    def fact(self, order):
        with self.scope():
            return OrderFact.objects.get(order_id=order.id)

    def sweep(self):
        with self.scope():
            return days_drain(merchant_id=self.id, limit=1000)

    def rows(self):
        """The roll-up as stored, by bucket, with what identifies a write."""
        with self.scope():
            return {(r.local_date, r.currency, r.channel): r for r in MetricDay.objects.all()}

    def raw(self):
        with self.scope():
            return raw_buckets(OrderFact.objects.all())

    def rollup(self):
        return {bucket: {name: getattr(row, name) for name in SUM_NAMES} for bucket, row in self.rows().items()}


SUM_NAMES = [
    f.name
    for f in MetricDay._meta.concrete_fields
    if f.name not in {"id", "merchant", "local_date", "currency", "channel", "computed_at"}
]


@pytest.fixture
def shop(db):
    return Shop("harrow")


@pytest.fixture
def other_shop(db):
    return Shop("pine")


@pytest.fixture
def new_york(db):
    return Shop("hudson", time_zone="America/New_York")


@pytest.fixture
def make_shop(db):
    return Shop
