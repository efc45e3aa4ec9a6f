"""Many orders at once: the same in the end as one after the other, in few statements, each on its own."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from core import clock
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from orders.errors import InvalidOrder, NotStorable, TotalMismatch
from orders.inputs import CustomerInput
from orders.models import Customer, EditWindow, Order, OrderLine, OrderRevision, OrderTender
from orders.services.customers import customer_upsert
from orders.services.ingest import order_upsert, orders_upsert
from tests.factories import (
    AddressInputFactory,
    CustomerInputFactory,
    LineInputFactory,
    OrderInputFactory,
    TenderInputFactory,
)


def history(count, **changes):
    return [OrderInputFactory(external_id=f"h{n}", is_backfill=True, **changes) for n in range(count)]


def counted(model):
    return model.objects.count()


class TestFewStatements:
    def test_as_few_for_two_hundred_new_orders_as_for_two(self, scope, at):
        made = []
        for name, count in (("a", 2), ("b", 200)):
            items = [replace(data, external_id=f"{name}{n}") for n, data in enumerate(history(count))]
            with CaptureQueriesContext(connection) as queries:
                orders_upsert(items=items)
            made.append(len(queries))
        assert made[0] == made[1] <= 22
        assert counted(Order) == 202

    def test_as_few_for_forty_updates_as_for_two(self, scope, at):
        made = []
        for name, count in (("a", 2), ("b", 40)):
            items = [replace(data, external_id=f"{name}{n}") for n, data in enumerate(history(count))]
            orders_upsert(items=items)
            with CaptureQueriesContext(connection) as queries:
                results = orders_upsert(items=[replace(item, version=2, tags=("vip",)) for item in items])
            assert all(result.applied for result in results)
            made.append(len(queries))
        assert made[0] == made[1]


class TestEachOnItsOwn:
    def test_a_bad_order_is_refused_alone_and_in_its_place(self, scope, at):
        good, wrong, late = history(3)
        wrong = replace(wrong, total_minor=1)
        nonsense = replace(late, external_id="n", lines=())
        results = orders_upsert(items=[good, wrong, nonsense, late])
        assert [type(result) for result in results[1:3]] == [TotalMismatch, InvalidOrder]
        assert [result.order.external_id for result in (results[0], results[3])] == ["h0", "h2"]
        assert counted(Order) == 2

    def test_what_the_database_refuses_does_not_sink_the_others(self, scope, at):
        items = history(9)
        items[3] = replace(items[3], lines=(LineInputFactory(title="x" * 256),))
        items[7] = replace(items[7], number="nul \x00 inside")
        results = orders_upsert(items=items)
        assert [index for index, result in enumerate(results) if isinstance(result, NotStorable)] == [3, 7]
        assert "varying(255)" in str(results[3])
        assert counted(Order) == counted(OrderRevision) == 7
        assert not Order.objects.filter(external_id__in=["h3", "h7"]).exists()

    def test_a_change_that_an_order_does_not_allow_leaves_it_and_the_others_whole(self, scope, at):
        first, second = history(2)
        orders_upsert(items=[first, second])
        euros = replace(first, version=2, currency="EUR", fx_rate=1, customer=CustomerInputFactory(external_id="new"))
        results = orders_upsert(items=[euros, replace(second, version=2, tags=("vip",))])
        assert isinstance(results[0], InvalidOrder)
        assert results[1].applied
        assert Order.objects.get(external_id="h0").currency == "USD"
        assert not Customer.objects.filter(external_id="new").exists()

    def test_one_order_twice_in_a_batch_is_applied_in_order(self, scope, at):
        (data,) = history(1)
        more = replace(data, version=2, lines=(replace(data.lines[0], quantity=3),), total_minor=15_000)
        results = orders_upsert(items=[data, more, data])
        assert [(result.created, result.applied) for result in results] == [(True, True), (False, True), (False, False)]
        order = Order.objects.get()
        assert (order.total_minor, order.version, order.checkout_total_minor) == (15_000, 2, 5000)
        assert list(OrderRevision.objects.order_by("version").values_list("total_minor", flat=True)) == [5000, 15_000]

    def test_more_than_a_thousand_are_not_taken(self, scope, at):
        with pytest.raises(ValueError, match="1000"):
            orders_upsert(items=history(1) * 1001)


class TestHistory:
    def test_a_batch_of_history_is_told_of_once(self, scope, at):
        results = orders_upsert(items=[*history(3), OrderInputFactory(external_id="live")])
        told = OutboxEvent.objects.get(name="orders.backfilled")
        assert told.aggregate_type == "orders"
        assert told.payload == {"order_ids": [str(result.order.pk) for result in results[:3]]}
        others = OutboxEvent.objects.exclude(pk=told.pk)
        assert set(others.values_list("aggregate_id", flat=True)) == {results[3].order.pk}

    def test_five_hundred_ids_are_told_of_together(self, scope, at):
        orders_upsert(items=history(501))
        sizes = [len(event.payload["order_ids"]) for event in OutboxEvent.objects.order_by("id")]
        assert sizes == [500, 1]

    def test_the_same_again_changes_nothing(self, scope, at):
        items = [replace(data, version=None) for data in history(5)]
        orders_upsert(items=items)
        before = [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, OrderTender, Customer)]
        results = orders_upsert(items=items)
        assert [(result.applied, result.reason) for result in results] == [(False, "same")] * 5
        after = [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, OrderTender, Customer)]
        assert after == before
        assert counted(OrderRevision) == 5
        assert counted(OutboxEvent) == 1

    def test_without_a_version_a_difference_counts(self, scope, at):
        (data,) = history(1, version=None)
        assert order_upsert(data=data).order.external_version == 0
        result = order_upsert(data=replace(data, tags=("vip",)))
        assert (result.applied, result.order.external_version, result.order.version) == (True, 1, 2)
        again = order_upsert(data=replace(data, tags=("vip",)))
        assert (again.applied, again.order.external_version) == (False, 1)

    def test_what_the_shop_itself_sends_later_is_newer_than_the_file(self, scope, at):
        (data,) = history(1, version=None)
        order_upsert(data=data)
        result = order_upsert(data=replace(data, version=1, tags=("vip",)))
        assert (result.applied, result.order.tags) == (True, ["vip"])

    @pytest.mark.parametrize(
        "change",
        [
            {"lines": (LineInputFactory(external_id="other"),)},
            {"tenders": (TenderInputFactory(last4="1111"),)},
            {"shipping_address": AddressInputFactory(city="Salem")},
            {"cancelled_at": clock.now() - timedelta(days=200)},
            {"customer": CustomerInputFactory(external_id="somebody else")},
            {"landing_utm": {"utm_source": "mail"}},
        ],
    )
    def test_every_part_of_an_order_can_be_the_difference(self, scope, change):
        placed_at = clock.now() - timedelta(days=300)
        (data,) = history(1, version=None, placed_at=placed_at)
        order_upsert(data=data)
        assert order_upsert(data=replace(data, **change)).applied
        assert not order_upsert(data=replace(data, **change)).applied

    def test_a_file_without_versions_leaves_an_order_that_came_live(self, scope, at):
        live = OrderInputFactory(external_id="h0")
        order_upsert(data=live)
        result = order_upsert(data=replace(live, version=None, is_backfill=True, tags=("vip",), customer=None))
        assert (result.applied, result.reason) == (False, "live")
        assert Order.objects.get().tags == []

    def test_an_order_that_came_live_does_not_become_history(self, scope, at):
        live = OrderInputFactory(external_id="h0", version=1)
        order_upsert(data=live)
        assert order_upsert(data=replace(live, version=2, is_backfill=True, tags=("vip",))).applied
        order = Order.objects.get()
        assert (order.is_backfill, order.tags) == (False, ["vip"])
        assert order_upsert(data=replace(live, version=None, is_backfill=True)).reason == "live"

    def test_what_an_old_order_says_of_its_customer_fills_blanks_and_overwrites_nothing(self, scope, at):
        then = CustomerInputFactory(
            external_id="c1", email="old@example.com", first_name="Ada", phone="1", accepts_marketing=True
        )
        (data,) = history(1, version=None, customer=then)
        customer_upsert(source=data.source, data=CustomerInput(external_id="c1", email="new@example.com"))
        for _ in range(2):
            order_upsert(data=data)
            known = Customer.objects.get()
            assert (known.email, known.accepts_marketing) == ("new@example.com", False)
            assert (known.first_name, known.phone) == ("Ada", "1")
        customer_upsert(source=data.source, data=CustomerInput(external_id="c1", first_name="Augusta"))
        order_upsert(data=data)
        assert Customer.objects.get().first_name == "Augusta"

    def test_a_cancelled_order_of_the_past_has_no_window_and_stays_cancelled(self, scope, at):
        (data,) = history(1, version=None, cancelled_at=at)
        order = order_upsert(data=data).order
        assert (order.status, order.cancelled_at) == ("cancelled", at)
        assert not EditWindow.objects.exists()
        assert not order_upsert(data=data).applied

    def test_an_edited_order_comes_back_with_what_it_was_at_checkout(self, scope, at):
        edit_id = Order().pk  # any id
        lines = (LineInputFactory(external_id="1"), LineInputFactory(external_id="edit-1", edit_id=edit_id))
        (data,) = history(1, version=None, lines=lines, checkout_total_minor=5000, checkout_net_minor=4800)
        order = order_upsert(data=data).order
        assert (order.total_minor, order.checkout_total_minor, order.checkout_net_minor) == (10_000, 5000, 4800)
        added = order.lines.get(external_id="edit-1")
        assert (added.origin, added.edit_id) == ("edit", edit_id)
        assert not order_upsert(data=data).applied

    def test_what_an_unpaid_order_was_at_checkout_does_not_change_when_it_comes_again(self, scope, at):
        (data,) = history(1, version=None, paid_at=None, checkout_total_minor=4000, checkout_net_minor=4000)
        order_upsert(data=data)
        assert not order_upsert(data=data).applied

    def test_an_erased_customer_and_their_address_do_not_come_back(self, scope, at):
        (data,) = history(1, version=None)
        order = order_upsert(data=data).order
        Customer.objects.update(erased_at=at, external_id="erased-1", email="", first_name="", last_name="")
        Order.objects.update(shipping_address=None)
        order_upsert(data=replace(data, tags=("for Mara",), risk_level="high"))
        order.refresh_from_db()
        assert order.risk_level == "high"
        assert (order.tags, order.shipping_address, order.customer.email) == ([], None, "")
        assert counted(Customer) == 1


@pytest.mark.django_db(transaction=True)
def test_two_overlapping_batches_in_opposite_order_both_get_through(merchant):
    """New orders, known orders and customers; five rounds, so that they do meet."""
    failed = []
    with tenant_scope(merchant.pk):
        orders_upsert(items=history(10))
    for turn in range(5):
        shared = [
            replace(
                data, external_id=f"h{n}", version=turn + 2, customer=CustomerInputFactory(external_id=f"t{turn}c{n}")
            )
            for n, data in enumerate(history(10))
        ]
        shared += [replace(data, external_id=f"t{turn}n{n}") for n, data in enumerate(history(10))]
        barrier = threading.Barrier(2)

        def send(items, barrier=barrier):
            try:
                with tenant_scope(merchant.pk):
                    barrier.wait()
                    orders_upsert(items=items)
            except Exception as error:
                failed.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=send, args=(items,)) for items in (shared, shared[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    with tenant_scope(merchant.pk):
        assert counted(Order) == 60
        versions = Order.objects.filter(external_id__startswith="h").values_list("external_version", flat=True)
        assert set(versions) == {6}
        assert set(OrderRevision.objects.values_list("version", flat=True)) == set(range(1, 7))
