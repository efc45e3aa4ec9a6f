"""Tasks and the rebuild command."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from core.outbox import dispatch_due, publish
from core.tenancy import tenant_scope
from metrics import tasks
from metrics.models import DirtyDay, MetricDay, OrderFact
from metrics.services.days import days_mark

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("name", ["placed", "paid", "updated", "edited", "cancelled", "refunded"])
def test_an_order_event_reaches_the_roll_up(shop, name):
    order = shop.order()
    with shop.scope():
        OrderFact.objects.all().delete()
        publish(f"order.{name}", aggregate_type="order", aggregate_id=order.id)
    assert dispatch_due() == 1
    assert tasks.sweep() == 1
    assert [row.orders for row in shop.rows().values()] == [1]


def test_sweep_without_work_does_nothing(db):
    assert tasks.sweep() == 0


def test_a_shop_whose_days_cannot_be_summed_does_not_stop_the_others(shop, other_merchant):
    uncountable = [shop.order(), shop.order()]
    with shop.scope():
        facts = OrderFact.objects.filter(order_id__in=[order.id for order in uncountable])
        facts.update(home_original_minor=9 * 10**18)
    with tenant_scope(other_merchant.pk):
        days_mark(merchant_id=other_merchant.pk, days=[NOON.date()])
    assert tasks.sweep() == 1
    with tenant_scope(other_merchant.pk):
        assert not DirtyDay.objects.exists()
    with shop.scope():
        assert DirtyDay.objects.exists()


def test_reconcile_agrees_after_a_sweep(shop, at):
    shop.order()
    tasks.sweep()
    assert tasks.reconcile() == 0


def test_rebuild_command(shop, capsys):
    shop.order()
    shop.order(at=NOON - dt.timedelta(days=5))
    shop.sweep()
    with shop.scope():
        OrderFact.objects.all().delete()
    call_command("rebuild_metrics", "harrow", "--from", "2026-03-10", "--to", "2026-03-10")
    assert capsys.readouterr().out == "1 facts changed, 1 days computed.\n"
    call_command("rebuild_metrics", "harrow")
    assert capsys.readouterr().out.startswith("1 facts changed")
    with shop.scope():
        assert MetricDay.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "no shop named nobody"),
        (["harrow", "--from", "2026-03-10"], "both --from and --to"),
        (["harrow", "--from", "2026-03-10", "--to", "2026-03-09"], "--from is after --to"),
    ],
)
def test_rebuild_command_explains_what_is_wrong(shop, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("rebuild_metrics", *arguments)
