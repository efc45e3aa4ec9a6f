"""From the shop's order through the outbox to the figures, with the real services of the room below."""

import datetime as dt
import uuid

from core import clock
from core.outbox import dispatch_due
from metrics.models import DirtyDay, PostPurchaseEntry
from metrics.rules import Metric, Period
from metrics.selectors import metric_summary
from metrics.services.days import days_sweep
from orders.inputs import LineInput, OrderInput, ProductInput, VariantInput
from orders.models import OrderLine, Variant
from orders.services.additions import Addition, order_apply_additions
from orders.services.catalogue import product_upsert
from orders.services.ingest import order_upsert
from orders.services.lifecycle import order_cancel
from orders.services.revisions import Actor

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
SHOPPER = Actor("shopper")


def send(external_id, version=1, refunded=0, added=None, **fields):
    lines = [LineInput(external_id="1", title="Mug", quantity=2, unit_price_minor=3000, tax_minor=1000)]
    total = 6000 + 1000 + 495
    if added is not None:
        # The shop echoes the added line once it has been pushed there, with what was refunded of it.
        lines.append(
            LineInput(
                external_id=added.external_id,
                title="Tray",
                quantity=1,
                unit_price_minor=1500,
                tax_minor=300,
                refunded_minor=refunded,
            )
        )
        total += 1800
    return order_upsert(
        data=OrderInput(
            source="test",
            external_id=external_id,
            number=external_id,
            version=version,
            currency="USD",
            placed_at=NOON,
            paid_at=NOON,
            lines=tuple(lines),
            shipping_minor=495,
            total_minor=total,
            **fields,
        )
    ).order


def add_tray(order):
    variant = Variant.objects.get(external_id="tray")
    addition = Addition(variant.id, 1, 1500, 0, 300, 2000)
    order_apply_additions(order_id=order.id, edit_id=uuid.uuid4(), additions=[addition], actor=SHOPPER)
    return OrderLine.objects.get(order=order, origin=OrderLine.Origin.EDIT)


def settle(shop):
    while dispatch_due():
        pass
    days_sweep()
    with shop.scope():
        return metric_summary(merchant_id=shop.id, period=Period(NOON.date(), NOON.date()))


def test_orders_edits_refunds_and_cancels_reach_the_figures(shop, at):
    tray = VariantInput(external_id="tray", price_minor=1500, currency="USD")
    with shop.scope():
        product_upsert(data=ProductInput(source="test", external_id="tray", title="Tray", variants=(tray,)))
        edited, _, cancelled = send("1"), send("2", is_backfill=True), send("3")
        line = add_tray(edited)
    summary = settle(shop)
    assert (summary.n, summary.sums.original_minor, summary.sums.pp_net_minor) == (3, 18000, 1500)
    with shop.scope():
        order_cancel(order_id=cancelled.id, actor=SHOPPER)
        send("1", version=2, added=line, refunded=600)
    summary = settle(shop)
    # 1800 with tax was the tray, a third of it went back: 500 of the 1500 without tax.
    assert (summary.n, summary.sums.original_minor, summary.sums.pp_net_minor) == (2, 12000, 1000)
    assert summary.readings[Metric.PPCR].value == summary.readings[Metric.PPCR_WINDOW].value
    assert summary.readings[Metric.SELF_SERVICE_RATE].value == 0
    assert shop.rollup() == shop.raw()


def test_an_older_version_and_a_repeat_leave_no_trace(shop, at):
    with shop.scope():
        send("1", version=5)
    settle(shop)
    before = {bucket: row.computed_at for bucket, row in shop.rows().items()}
    with clock.frozen(NOON + dt.timedelta(minutes=1)), shop.scope():
        send("1", version=5)
        send("1", version=4)
    settle(shop)
    with shop.scope():
        assert not DirtyDay.objects.exists()
        assert not PostPurchaseEntry.objects.exists()
    assert {bucket: row.computed_at for bucket, row in shop.rows().items()} == before
