"""A long history: pages come by index, each costs the same, and one page is all that is in memory."""

import os
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from connectors.exports.customers import CustomerExport
from connectors.exports.orders import OrderExport
from connectors.exports.products import ProductExport
from connectors.exports.stream import PAGE, Export, export_start
from orders.models import Customer, Order, Product
from orders.services.revisions import SYSTEM
from tests.admin.plans import Statement, nodes, plan_of, recorded, rows_read
from tests.factories import MerchantFactory, VariantFactory, paid_order

pytestmark = pytest.mark.django_db
COUNT = 100_000 if os.environ.get("PRO_TEST_FULL") else 4 * PAGE
MAKERS: dict[str, Callable[[], Export]] = {
    "orders": lambda: OrderExport(Order.objects.all()),
    "customers": lambda: CustomerExport(Customer.objects.all()),
    "products": lambda: ProductExport(Product.objects.all()),
}
GROWN = {
    "orders_order",
    "orders_orderline",
    "orders_ordertender",
    "orders_customer",
    "orders_product",
    "orders_variant",
}
_KEY = "('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid"


def _copy(row: Model, **own: str) -> None:
    """COUNT rows like this one; `own` are expressions over i, counted from 1."""
    own = {"id": _KEY} | own
    columns = [field.column for field in row._meta.concrete_fields if not field.generated]
    values = ", ".join(own.get(str(column), f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{row._meta.db_table}" ({names}) SELECT {values} '  # noqa: S608
            f'FROM "{row._meta.db_table}", generate_series(1, {COUNT}::bigint) AS i WHERE "id" = %s',
            [row.pk],
        )


@pytest.fixture
def history(at: Any, scope: Any) -> None:
    order = paid_order()
    assert order.customer is not None
    _copy(order.customer, external_id="'big' || i", email="'c' || i || '@mail.example'")
    # Half of them at one moment, as in files that know days only.
    placed = f"placed_at - least(i, {COUNT} / 2) * interval '1 minute'"
    _copy(order, external_id="'big' || i", placed_at=placed, customer_id=_KEY)
    [line], [tender] = order.lines.all(), order.tenders.all()
    variant: Any = VariantFactory()
    _copy(variant.product, external_id="'big' || i")
    _copy(variant, product_id=_KEY)
    own = {"order_id": _KEY, "variant_id": _KEY}
    _copy(line, **own)
    _copy(line, **own, id=_KEY.replace("'00000000", "'00000001"), external_id="'second'", position="1")
    _copy(tender, order_id=_KEY)
    MerchantFactory()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _pieces(kind: str) -> Any:
    return export_start(MAKERS[kind](), actor=SYSTEM, asked={}, bom=False)


def test_pages_are_found_by_index(history: None) -> None:
    """The third page: what was sent before it is not looked at again."""
    asked = {kind: _asked_for_third(kind) for kind in MAKERS}
    assert {kind: len(statements) for kind, statements in asked.items()} == {"orders": 6, "customers": 2, "products": 3}
    is_small = COUNT < 100_000
    if is_small:  # so few rows are read faster without an index; here it counts that one could serve
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off")
    for statements in asked.values():
        for place, statement in enumerate(statements):
            plan = plan_of(statement)
            read_whole = [node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
            assert not GROWN & set(read_whole), statement.sql
            # What belongs to a page is a good part of a small table.
            assert (is_small and place) or rows_read(plan) <= 3 * PAGE, statement.sql


def _asked_for_third(kind: str) -> list[Statement]:
    pieces = _pieces(kind)
    for _ in range(3):
        next(pieces)
    with recorded() as statements:
        next(pieces)
    pieces.close()
    return [statement for statement in statements if statement.sql.startswith("SELECT")]


def test_memory_does_not_grow_with_the_file(history: None, capsys: Any) -> None:
    for kind in MAKERS:
        pieces = _pieces(kind)
        tracemalloc.start()
        try:
            size = sum(len(next(pieces)) for _ in range(3))
            first = tracemalloc.get_traced_memory()[1]
            tracemalloc.reset_peak()
            size += sum(map(len, pieces))
            later = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert later < 1.2 * first, kind
        with capsys.disabled():
            print(f"\n{kind}: {size / 1e6:.1f} MB exported with {later / 1e6:.1f} MB in memory", end="")


def test_every_row_is_sent(history: None, capsys: Any) -> None:
    begun = time.perf_counter()
    rows = sum(piece.count(b"\r\n") for piece in _pieces("orders")) - 1
    seconds = time.perf_counter() - begun
    assert rows == 2 * COUNT + 1
    with capsys.disabled():
        print(f"\n{COUNT:,} orders, {rows:,} rows exported in {seconds:.1f} s", end="")
