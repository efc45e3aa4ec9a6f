"""Refunds that come with an order: each counts once, together never more than was paid."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.tenancy import tenant_scope
from orders.errors import InvalidOrder
from orders.inputs import RefundInput, RefundLineInput
from orders.models import Order, OrderRefund, OrderRevision
from orders.services.ingest import order_upsert, orders_upsert
from tests.conftest import NOON
from tests.factories import LineInputFactory, MerchantFactory, OrderInputFactory


def refund(name, quantity=1, amount=5000, line="1", shipping=0, at=NOON):
    part = RefundLineInput(line_external_id=line, quantity=quantity, amount_minor=amount)
    lines = (part,) if quantity or amount else ()
    return RefundInput(external_id=name, refunded_at=at, lines=lines, shipping_minor=shipping)


def sent(**changes):
    line = LineInputFactory(external_id="1", quantity=3)
    return OrderInputFactory(external_id="o", lines=(line,), shipping_minor=500, **changes)


def test_refunds_are_kept_and_counted_on_lines_shipping_and_order(scope, at):
    order = order_upsert(data=sent(refunds=(refund("r1", shipping=200), refund("r2", quantity=1, amount=4000)))).order
    line = order.lines.get()
    assert (line.refunded_quantity, line.refunded_minor) == (2, 9000)
    assert (order.shipping_refunded_minor, order.refunded_minor) == (200, 9200)
    stored = OrderRefund.objects.get(external_id="r1")
    assert (stored.amount_minor, stored.shipping_minor) == (5200, 200)
    assert stored.lines == [{"line_id": str(line.pk), "quantity": 1, "amount_minor": 5000}]
    assert OrderRevision.objects.get().snapshot["shipping_refunded_minor"] == 200


def test_the_same_refund_again_counts_once_and_what_was_left_out_stays(scope, at):
    data = sent(version=None, is_backfill=True, refunds=(refund("r1"),))
    order_upsert(data=data)
    assert not order_upsert(data=data).applied
    assert not order_upsert(data=replace(data, refunds=())).applied
    order = order_upsert(data=replace(data, refunds=(refund("r2", quantity=1, amount=100),))).order
    assert order.refunded_minor == 5100
    assert OrderRefund.objects.count() == 2


def test_a_line_shows_what_was_said_of_it_if_that_is_more(scope, at):
    data = sent(refunds=(refund("r1"),))
    told = replace(data.lines[0], refunded_quantity=2, refunded_minor=9000)
    order = order_upsert(data=replace(data, lines=(told,), shipping_refunded_minor=300)).order
    line = order.lines.get()
    assert (line.refunded_quantity, line.refunded_minor, order.refunded_minor) == (2, 9000, 9300)


@pytest.mark.parametrize(
    ("refunds", "field"),
    [
        ((refund("r1", quantity=4, amount=0),), "lines.0.refunded_quantity"),
        ((refund("r1", amount=9000), refund("r2", amount=6001)), "lines.0.refunded"),
        ((refund("r1", shipping=501),), "shipping_refunded"),
        ((refund("r1", line="9"),), "refunds.0.lines.0.line_external_id"),
        ((refund("r1"), refund("r1")), "refunds"),
        ((refund("r1", amount=-1),), "refunds.0.lines.0.amount"),
        ((refund("r1", quantity=-1),), "refunds.0.lines.0.quantity"),
        ((refund("r1", shipping=-1),), "refunds.0.shipping"),
        ((refund("r1", at=NOON - timedelta(days=1)),), "refunds.0.refunded_at"),
        ((refund("r1", at=NOON + timedelta(days=1)),), "refunds.0.refunded_at"),
    ],
)
def test_refunds_that_cannot_be_are_refused_and_named(scope, at, refunds, field):
    with pytest.raises(InvalidOrder) as refusal:
        order_upsert(data=sent(refunds=refunds))
    assert field in refusal.value.field_errors
    assert not Order.objects.exists()


def test_a_refund_of_a_line_that_was_added_here_is_counted_there(scope, at):
    lines = (LineInputFactory(external_id="1"), LineInputFactory(external_id="added", edit_id=Order().pk))
    data = OrderInputFactory(lines=lines, is_backfill=True)
    order_upsert(data=data)
    only_first = replace(data, version=2, lines=lines[:1], total_minor=5000, refunds=(refund("r1", line="added"),))
    order = order_upsert(data=only_first).order
    assert (order.refunded_minor, order.lines.get(external_id="added").refunded_minor) == (5000, 5000)
    with pytest.raises(InvalidOrder) as refusal:
        order_upsert(data=replace(only_first, version=3, refunds=(refund("r2", line="added", amount=1),)))
    assert "refunds" in refusal.value.field_errors


part = st.builds(
    refund, st.sampled_from("abcdef"), st.integers(0, 4), st.integers(0, 20_000), shipping=st.integers(0, 600)
)
batch = st.lists(part, max_size=4, unique_by=lambda each: each.external_id)


@clock.frozen(NOON)
@pytest.mark.django_db
@given(batches=st.lists(batch, min_size=1, max_size=4))
def test_never_more_is_refunded_than_was_paid(batches):
    with tenant_scope(MerchantFactory().pk):
        items = [sent(version=version, refunds=tuple(refunds)) for version, refunds in enumerate(batches, start=1)]
        orders_upsert(items=items)
        for order in Order.objects.all():
            line = order.lines.get()
            stored = list(order.refunds.all())
            assert line.refunded_quantity <= line.quantity
            assert line.refunded_minor <= line.total_minor
            assert order.shipping_refunded_minor <= order.shipping_minor
            assert order.refunded_minor == sum(each.amount_minor for each in stored) <= order.total_minor
