import threading

import pytest
from django.db import connections

from core.ids import uuid7
from core.tenancy import tenant_scope
from orders.errors import SoldOut
from orders.models import Variant
from orders.services.stock import stock_consume, stock_release, stock_reserve
from tests.factories import VariantFactory


def stock(variant):
    variant.refresh_from_db()
    return variant.stock_quantity, variant.reserved_quantity


def test_held_taken_and_given_back_exactly_once(scope):
    variant = VariantFactory(stock_quantity=5)
    taken, back = uuid7(), uuid7()
    for edit_id in (taken, back, taken):
        stock_reserve(edit_id=edit_id, quantities={variant.pk: 2})
    assert stock(variant) == (5, 4)
    stock_consume(edit_id=taken), stock_consume(edit_id=taken)
    stock_release(edit_id=back), stock_release(edit_id=back), stock_release(edit_id=taken)
    assert stock(variant) == (3, 0)


def test_nothing_is_held_when_one_item_is_sold_out(scope):
    plenty, none = VariantFactory(stock_quantity=5), VariantFactory(stock_quantity=0)
    with pytest.raises(SoldOut):
        stock_reserve(edit_id=uuid7(), quantities={plenty.pk: 1, none.pk: 1})
    assert stock(plenty) == (5, 0)


def test_stock_that_is_not_counted_never_runs_out(scope):
    variant = VariantFactory(stock_quantity=None)
    edit_id = uuid7()
    stock_reserve(edit_id=edit_id, quantities={variant.pk: 1000})
    stock_consume(edit_id=edit_id)
    assert stock(variant) == (None, 0)


@pytest.mark.django_db(transaction=True)
def test_the_last_unit_goes_to_one(merchant):
    with tenant_scope(merchant.pk):
        variant = VariantFactory(stock_quantity=1)
    barrier = threading.Barrier(4)
    outcomes = []

    def take():
        with tenant_scope(merchant.pk):
            barrier.wait()
            try:
                stock_reserve(edit_id=uuid7(), quantities={variant.pk: 1})
                outcomes.append("held")
            except SoldOut:
                outcomes.append("sold out")
        connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held", "sold out", "sold out", "sold out"]
    with tenant_scope(merchant.pk):
        assert Variant.objects.get().reserved_quantity == 1
