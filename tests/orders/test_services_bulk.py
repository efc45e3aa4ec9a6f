"""Customers and products by the thousand."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from core.tenancy import tenant_scope
from orders.errors import InvalidCustomer, InvalidProduct, NotStorable
from orders.inputs import CustomerInput, ProductInput, VariantInput
from orders.models import Customer, Product, Variant
from orders.services.catalogue import products_upsert
from orders.services.customers import customers_upsert
from tests.factories import CustomerInputFactory


def person(name, **fields):
    return CustomerInput(external_id=name, **fields)


def product(name, *variants, **fields):
    made = tuple(VariantInput(external_id=v, price_minor=100, currency="USD") for v in variants or (name,))
    return ProductInput(source="custom", external_id=name, title=name, variants=made, **fields)


def told(results):
    return [(result.created, result.applied) for result in results]


class TestCustomers:
    def test_what_is_known_is_added_to_and_the_same_again_is_nothing(self, scope, at):
        first = person("c1", email="A@b.example", accepts_marketing=True, consented_at=at, consent_source="checkout")
        results = customers_upsert(source="s", items=[first, person("c1", first_name="Ada"), person("c2")])
        assert told(results) == [(True, True), (False, True), (True, True)]
        assert told(customers_upsert(source="s", items=[first, person("c2")])) == [(False, False)] * 2
        known = Customer.objects.get(external_id="c1")
        assert (known.email_normalised, known.name_normalised) == ("a@b.example", "ada")
        assert (known.consented_at, known.consent_source) == (at, "checkout")

    def test_since_when_they_are_known_only_moves_back(self, scope, at):
        for days in (5, 9, 1):
            customers_upsert(source="s", items=[person("c", created_at=at - timedelta(days=days))])
        assert Customer.objects.get().created_at == at - timedelta(days=9)

    def test_who_is_refused_does_not_stop_the_others(self, scope, at):
        late = person("c2", consented_at=at + timedelta(days=1))
        results = customers_upsert(
            source="s", items=[person("c1"), person(""), late, person("c3", phone="1" * 41), person("c4")]
        )
        assert [type(result) for result in results[1:4]] == [InvalidCustomer, InvalidCustomer, NotStorable]
        assert set(Customer.objects.values_list("external_id", flat=True)) == {"c1", "c4"}

    def test_an_erased_customer_stays_erased(self, scope, at):
        customers_upsert(source="s", items=[person("c")])
        Customer.objects.update(erased_at=at)
        assert told(customers_upsert(source="s", items=[person("c", email="a@b.example")])) == [(False, False)]
        assert Customer.objects.get().email == ""

    def test_as_few_statements_for_many_as_for_two(self, scope, at):
        made = []
        for name, count in (("a", 2), ("b", 100)):
            with CaptureQueriesContext(connection) as queries:
                customers_upsert(source="s", items=[person(f"{name}{n}") for n in range(count)])
            made.append(len(queries))
        assert made[0] == made[1]


class TestProducts:
    def test_variants_that_are_gone_become_inactive_and_the_same_again_is_nothing(self, scope, at):
        both = product("p1", "a", "b")
        assert told(products_upsert(items=[both, product("p2")])) == [(True, True)] * 2
        assert told(products_upsert(items=[both, product("p2")])) == [(False, False)] * 2
        assert told(products_upsert(items=[product("p1", "a")])) == [(False, True)]
        assert list(Variant.objects.filter(is_active=True).values_list("external_id", flat=True)) == ["a", "p2"]

    def test_a_variant_that_is_not_sold_stays_so(self, scope, at):
        data = product("p1")
        retired = replace(data, variants=(replace(data.variants[0], is_active=False),))
        products_upsert(items=[retired])
        assert not Variant.objects.get().is_active
        assert told(products_upsert(items=[retired])) == [(False, False)]

    def test_complements_may_name_others_of_the_batch(self, scope, at):
        first = product("p1", complements=("p2", "p3", "p1", "unknown"))
        products_upsert(items=[first, product("p2"), product("p3")])
        ranked = Product.objects.get(external_id="p1").complements.order_by("rank")
        assert [row.complement.external_id for row in ranked] == ["p2", "p3"]
        assert told(products_upsert(items=[first])) == [(False, False)]
        assert told(products_upsert(items=[replace(first, complements=("p3",))])) == [(False, True)]

    def test_what_is_known_stays_where_only_the_missing_is_asked_for(self, scope, at):
        products_upsert(items=[product("p1", "a", type="Tray")])
        results = products_upsert(items=[product("p1", "b"), product("p2")], keep_existing=True)
        assert told(results) == [(False, True), (True, True)]
        assert Product.objects.get(external_id="p1").type == "Tray"
        assert Variant.objects.filter(product__external_id="p1", is_active=True).count() == 2
        assert told(products_upsert(items=[product("p1", "a", "b")], keep_existing=True)) == [(False, False)]

    def test_what_is_refused_does_not_stop_the_others(self, scope, at):
        nothing = ProductInput(source="custom", external_id="p2", title="p2", variants=())
        results = products_upsert(items=[product("p1"), nothing, product("p3", "a", "a"), product("x" * 129)])
        assert [type(result) for result in results[1:]] == [InvalidProduct, InvalidProduct, NotStorable]
        assert Product.objects.get().external_id == "p1"

    def test_as_few_statements_for_many_as_for_two(self, scope, at):
        made = []
        for name, count in (("a", 2), ("b", 100)):
            with CaptureQueriesContext(connection) as queries:
                products_upsert(items=[product(f"{name}{n}") for n in range(count)])
            made.append(len(queries))
        assert made[0] == made[1]


@pytest.mark.django_db(transaction=True)
def test_overlapping_batches_in_opposite_order_both_get_through(merchant):
    failed = []
    for turn in range(5):
        people = [CustomerInputFactory(external_id=f"c{n}", first_name=str(turn)) for n in range(turn * 4 + 8)]
        goods = [product(f"p{n}", "a", type=str(turn)) for n in range(turn * 4 + 8)]
        barrier = threading.Barrier(2)

        def send(people, goods, barrier=barrier):
            try:
                with tenant_scope(merchant.pk):
                    barrier.wait()
                    customers_upsert(source="s", items=people)
                    products_upsert(items=goods)
            except Exception as error:
                failed.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=send, args=(people[::way], goods[::way])) for way in (1, -1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    with tenant_scope(merchant.pk):
        assert Customer.objects.count() == Product.objects.count() == Variant.objects.count() == 24
