"""Orders from the shop: once, newest wins, right in the end whatever the order of arrival."""

import itertools
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections

from core import clock
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from orders.errors import FxRateRequired, InvalidOrder, OrderAlreadyFulfilling, TotalMismatch
from orders.inputs import LineFulfilment
from orders.models import Customer, EditWindow, Order, OrderLine, OrderRevision
from orders.services.additions import Addition, order_apply_additions
from orders.services.customers import normalise
from orders.services.ingest import order_upsert
from orders.services.lifecycle import order_cancel, order_fulfilment_update
from orders.services.revisions import SYSTEM
from orders.services.stock import stock_reserve
from orders.services.validation import input_totals
from tests.factories import CustomerInputFactory, LineInputFactory, OrderInputFactory, VariantFactory


def events(order):
    return list(OutboxEvent.objects.filter(aggregate_id=order.pk).order_by("id").values_list("name", flat=True))


def test_a_paid_order_opens_its_window(scope, at):
    order = order_upsert(data=OrderInputFactory()).order
    window = EditWindow.objects.get(order=order)
    assert (window.state, window.opened_at, window.closes_at) == ("open", at, at + timedelta(minutes=180))
    assert events(order) == ["order.placed", "order.paid", "window.opened"]
    assert OrderRevision.objects.get(order=order).snapshot["total_minor"] == 5000


def test_the_same_twice_is_one_order(scope, at):
    data = OrderInputFactory()
    first, second = order_upsert(data=data), order_upsert(data=data)
    assert (first.created, second.created, second.applied) == (True, False, False)
    assert Order.objects.count() == OrderLine.objects.count() == OrderRevision.objects.count() == 1


def test_an_older_version_never_overwrites_a_newer(scope, at):
    newer = OrderInputFactory(version=3, lines=(LineInputFactory(quantity=3),))
    order_upsert(data=newer)
    result = order_upsert(data=replace(newer, version=2, lines=(LineInputFactory(),), total_minor=5000))
    assert not result.applied
    assert Order.objects.get().total_minor == 15_000


def version_states(scope, at):
    line = LineInputFactory(external_id="1", quantity=2)
    base = OrderInputFactory(external_id="o", placed_at=at - timedelta(hours=1), paid_at=None, lines=(line,))
    paid = replace(base, version=2, paid_at=at - timedelta(minutes=50))
    part = replace(line, refunded_quantity=1, refunded_minor=5000)
    refunded = replace(paid, version=3, lines=(part,))
    started = replace(refunded, version=4, fulfilment_started_at=at)
    return [base, paid, refunded, started]


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(4))))
def test_out_of_order_is_right_in_the_end(scope, at, arrival):
    versions = version_states(scope, at)
    for index in arrival:
        order_upsert(data=versions[index])
    order = Order.objects.get()
    assert order.external_version == 4
    assert order.refunded_minor == 5000
    assert order.checkout_total_minor == 10_000
    assert order.paid_at == at - timedelta(minutes=50)
    assert order.fulfilment_started_at == at
    live = EditWindow.objects.filter(order=order, state__in=EditWindow.LIVE)
    assert not live.exists()


def test_history_opens_no_window(scope, at):
    order = order_upsert(data=OrderInputFactory(is_backfill=True)).order
    assert not EditWindow.objects.filter(order=order).exists()


def test_a_window_that_would_be_over_is_not_opened(scope, at):
    order = order_upsert(data=OrderInputFactory(placed_at=at - timedelta(hours=4))).order
    assert not EditWindow.objects.filter(order=order).exists()


def test_a_customer_is_known_again_and_blank_fields_wipe_nothing(scope, at):
    customer = CustomerInputFactory(external_id="7", email="Mara@Mail.example", phone="1")
    order_upsert(data=OrderInputFactory(customer=customer))
    order_upsert(
        data=OrderInputFactory(customer=CustomerInputFactory(external_id="7", email="", first_name="M", last_name=""))
    )
    known = Customer.objects.get()
    assert (known.email, known.email_normalised, known.first_name, known.phone) == (
        "Mara@Mail.example",
        "mara@mail.example",
        "M",
        "1",
    )
    assert known.name_normalised == "m rosengren"


def test_lines_added_after_checkout_outlive_the_shops_next_version(scope, at):
    data = OrderInputFactory()
    order = order_upsert(data=data).order
    variant = VariantFactory()
    edit_id = variant.pk  # any id
    stock_reserve(edit_id=edit_id, quantities={variant.pk: 1})
    order_apply_additions(
        order_id=order.pk, edit_id=edit_id, additions=[Addition(variant.pk, 1, 2400, 0, 0, 0)], actor=SYSTEM
    )
    order_upsert(data=replace(data, version=2, tags=("vip",)))
    order.refresh_from_db()
    assert order.lines.count() == 2
    assert order.total_minor == 7400
    assert order.checkout_total_minor == 5000


def test_what_an_update_leaves_out_is_not_undone(scope, at):
    line = LineInputFactory(external_id="1", quantity=3)
    data = OrderInputFactory(lines=(line,))
    order = order_upsert(data=data).order
    progress = [LineFulfilment(external_id="1", fulfilled_quantity=1, in_progress_quantity=1)]
    order_fulfilment_update(order_id=order.pk, actor=SYSTEM, lines=progress)
    order_upsert(data=replace(data, version=2, tenders=()))
    kept = order.lines.get()
    assert (kept.fulfilled_quantity, kept.in_progress_quantity) == (1, 1)
    assert order.tenders.get().last4 == "4242"
    fewer = replace(line, quantity=1)
    with pytest.raises(InvalidOrder) as refusal:
        order_upsert(data=replace(data, version=3, lines=(fewer,), total_minor=5000))
    assert "lines.0.quantity" in refusal.value.field_errors
    order.refresh_from_db()
    assert (order.external_version, order.total_minor) == (2, 15_000)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": ()}, "lines"),
        ({"lines": (LineInputFactory(external_id="1"), LineInputFactory(external_id="1"))}, "lines"),
        ({"lines": (LineInputFactory(quantity=0),)}, "lines.0.quantity"),
        ({"lines": (LineInputFactory(fulfilled_quantity=2),)}, "lines.0.fulfilled_quantity"),
        ({"lines": (LineInputFactory(refunded_quantity=2),)}, "lines.0.refunded_quantity"),
        ({"lines": (LineInputFactory(refunded_minor=5001),)}, "lines.0.refunded"),
        ({"lines": (LineInputFactory(discount_minor=5001),)}, "lines.0.discount"),
    ],
)
def test_nonsense_is_refused_and_names_the_field(scope, at, change, field):
    with pytest.raises(InvalidOrder) as refusal:
        order_upsert(data=OrderInputFactory(**change))
    assert field in refusal.value.field_errors
    assert Order.objects.count() == 0


def test_times_in_the_future_or_before_the_order_are_refused(scope, at):
    with pytest.raises(InvalidOrder) as refusal:
        order_upsert(data=OrderInputFactory(placed_at=at + timedelta(hours=1), paid_at=at))
    assert set(refusal.value.field_errors) == {"placed_at", "paid_at"}


def test_a_total_that_does_not_add_up_is_refused_with_both_figures(scope, at):
    with pytest.raises(TotalMismatch, match=r"49\.99.*50\.00"):
        order_upsert(data=OrderInputFactory(total_minor=4999))


def test_a_foreign_currency_needs_its_rate_which_is_frozen(scope, at):
    with pytest.raises(FxRateRequired):
        order_upsert(data=OrderInputFactory(currency="EUR"))
    data = OrderInputFactory(currency="EUR", fx_rate=Decimal("1.10"))
    assert order_upsert(data=data).order.fx_rate == Decimal("1.10")
    later = replace(data, version=2, fx_rate=Decimal("0.01"))
    assert order_upsert(data=later).order.fx_rate == Decimal("1.10")  # limits and figures rest on it


def test_a_rate_that_makes_an_order_uncountable_is_refused(scope, at):
    line = LineInputFactory(unit_price_minor=10**10)
    with pytest.raises(InvalidOrder) as refusal:
        order_upsert(data=OrderInputFactory(currency="JPY", fx_rate=Decimal(999_999_999), lines=(line,)))
    assert set(refusal.value.field_errors) == {"fx_rate"}


@pytest.mark.parametrize(
    "sign",
    ["in_progress_quantity", "fulfilled_quantity", "fulfilled_at", "delivered_at"],
)
def test_any_sign_of_fulfilment_closes_the_window(scope, at, sign):
    data = OrderInputFactory()
    order_upsert(data=data)
    change = {"lines": (replace(data.lines[0], **{sign: 1}),)} if "quantity" in sign else {sign: at}
    order = order_upsert(data=replace(data, version=2, **change)).order
    assert order.fulfilment_started_at == at
    assert EditWindow.objects.get().state == "preempted"
    assert "order.fulfilment_started" in events(order)
    with pytest.raises(OrderAlreadyFulfilling):
        order_cancel(order_id=order.pk, actor=SYSTEM)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"currency": "JPY", "fx_rate": Decimal("0.0066")}, "currency"), ({"tax_inclusive": True}, "tax_inclusive")],
)
def test_a_paid_order_keeps_its_currency_and_the_kind_of_its_prices(scope, at, change, field):
    """What was quoted, charged and added here after checkout is counted in them."""
    data = OrderInputFactory()
    order = order_upsert(data=data).order
    with pytest.raises(InvalidOrder) as refusal:
        order_upsert(data=replace(data, version=2, **change))
    assert set(refusal.value.field_errors) == {field}
    order.refresh_from_db()
    assert (order.version, order.external_version, order.currency, order.is_tax_inclusive) == (1, 1, "USD", False)


def test_an_order_that_is_not_paid_may_still_change_its_currency(scope, at):
    data = OrderInputFactory(paid_at=None)
    order_upsert(data=data)
    order = order_upsert(data=replace(data, version=2, currency="EUR", fx_rate=Decimal("1.10"), paid_at=at)).order
    assert (order.currency, order.fx_rate) == ("EUR", Decimal("1.10"))


@pytest.mark.parametrize("inclusive", [True, False])
def test_tax_within_the_price_is_not_more_than_the_price(scope, at, inclusive):
    data = replace(OrderInputFactory(), tax_inclusive=inclusive, shipping_minor=100, shipping_tax_minor=101)
    data = replace(data, lines=(replace(data.lines[0], tax_minor=5001),))
    data = replace(data, total_minor=input_totals(data).total_minor)
    if not inclusive:
        assert order_upsert(data=data).order.checkout_net_minor == 5000
        return
    with pytest.raises(InvalidOrder) as refusal:
        order_upsert(data=data)
    assert set(refusal.value.field_errors) == {"lines.0.tax", "shipping.tax"}


def test_texts_that_grow_when_case_is_folded_are_stored_and_found(scope, at):
    name = "ß" * 100
    order = order_upsert(
        data=OrderInputFactory(number="ß" * 64, customer=CustomerInputFactory(first_name=name, last_name=name))
    ).order
    assert Order.objects.get(number_normalised=normalise("ß" * 64)) == order


@pytest.mark.django_db(transaction=True)
def test_the_same_order_from_many_threads_is_one_order(merchant):
    data = OrderInputFactory()
    barrier = threading.Barrier(4)
    results = []

    def send():
        with tenant_scope(merchant.pk):
            barrier.wait()
            results.append(order_upsert(data=data))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_scope(merchant.pk):
        assert Order.objects.count() == EditWindow.objects.count() == 1
    assert sorted(result.created for result in results) == [False, False, False, True]
    assert clock.now() >= data.placed_at
