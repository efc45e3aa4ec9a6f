"""Products from the shop, many at once and beside shoppers who take the same stock."""

import threading
from dataclasses import replace

import pytest
from django.db import connections

from core.ids import uuid7
from core.tenancy import tenant_scope
from orders.inputs import ProductInput, VariantInput
from orders.models import Product, ProductComplement, Variant
from orders.services.catalogue import product_upsert
from orders.services.stock import stock_reserve


def product(external_id, *, variants=1, complements=""):
    return ProductInput(
        source="custom",
        external_id=external_id,
        title="Tray",
        complements=tuple(complements),
        variants=tuple(
            VariantInput(external_id=f"{external_id}{n}", price_minor=100, currency="USD", stock_quantity=1000)
            for n in range(variants)
        ),
    )


def at_once(merchant, *jobs):
    """Run the jobs in threads, started together; an error of any of them is raised here."""
    barrier = threading.Barrier(len(jobs))
    errors = []

    def run(job):
        with tenant_scope(merchant.pk):
            barrier.wait()
            try:
                job()
            except Exception as error:
                errors.append(error)
        connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_variants_that_are_gone_become_inactive_and_come_back(scope):
    three = product("a", variants=3)
    product_upsert(data=three)
    product_upsert(data=replace(three, variants=three.variants[:1], title="Dish"))
    assert list(Variant.objects.filter(is_active=True).values_list("external_id", flat=True)) == ["a0"]
    _, created = product_upsert(data=three)
    assert (created, Variant.objects.filter(is_active=True).count(), Product.objects.get().title) == (False, 3, "Tray")


@pytest.mark.django_db(transaction=True)
def test_a_product_update_and_a_shopper_lock_variants_in_one_order(merchant):
    sent = product("a", variants=30)
    backwards = replace(sent, variants=sent.variants[::-1])
    with tenant_scope(merchant.pk):
        product_upsert(data=sent)
        wanted = dict.fromkeys(Variant.objects.values_list("pk", flat=True), 1)
    for _ in range(4):
        at_once(
            merchant,
            lambda: product_upsert(data=backwards),
            lambda: stock_reserve(edit_id=uuid7(), quantities=wanted),
            lambda: stock_reserve(edit_id=uuid7(), quantities=wanted),
        )
    with tenant_scope(merchant.pk):
        assert set(Variant.objects.values_list("reserved_quantity", flat=True)) == {8}


@pytest.mark.django_db(transaction=True)
def test_products_that_name_each_other_are_updated_at_once(merchant):
    with tenant_scope(merchant.pk):
        for name in "abcd":
            product_upsert(data=product(name))
    for _ in range(4):
        jobs = [product(name, complements="abcd".replace(name, "")) for name in "abcd"]
        at_once(merchant, *(lambda data=data: product_upsert(data=data) for data in jobs))
    with tenant_scope(merchant.pk):
        assert ProductComplement.objects.count() == 12
