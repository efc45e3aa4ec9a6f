"""Many rows in one statement: every column as it was, both walls standing."""

from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.db.rows import rows_insert, rows_update
from core.db.statistics import FEW, keep_statistics
from core.models import IdempotencyRecord
from core.tenancy import NoScope, tenant_scope
from orders.models import Customer, Order


def order(name, at, **fields):
    return Order(source="s", external_id=name, external_version=1, number=name, currency="USD", placed_at=at, **fields)


def test_what_goes_in_comes_out(scope, at):
    odd = 'Zoë "quoted" \\ {braces}, 漢字 😀\n\t\''
    rows = [
        order("a", at, fx_rate=Decimal("1.1234567891"), landing_utm={"utm": odd}, tags=["x", odd], is_test=True),
        order(odd[:30], at, paid_at=at, total_minor=2**60),
    ]
    with CaptureQueriesContext(connection) as queries:
        assert rows_insert(Order, rows) == 2
    assert len(queries) == 1
    for row in rows:
        stored = Order.objects.get(pk=row.pk)
        for field in Order._meta.concrete_fields:
            assert getattr(stored, field.attname) == getattr(row, field.attname), field.name
    rows[0].tags, rows[1].paid_at = [], None
    assert rows_update(Order, rows) == 2
    assert Order.objects.get(pk=rows[0].pk).tags == []
    assert Order.objects.get(pk=rows[1].pk).paid_at is None
    assert rows_insert(Order, []) == rows_update(Order, []) == 0


def test_what_exists_is_passed_over_where_it_may_exist(scope, at):
    rows_insert(Order, [order("a", at)])
    assert rows_insert(Order, [order("a", at), order("b", at)], ignore_conflicts=True) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        rows_insert(Order, [order("a", at)])


def test_what_is_too_long_is_refused_and_not_cut(scope, at):
    with pytest.raises(DataError, match=r"varying\(128\)"), transaction.atomic():
        rows_insert(Customer, [Customer(source="s", external_id="x" * 129)])


def test_a_default_of_the_database_is_stored_as_what_it_is(scope):
    rows_insert(Customer, [Customer(source="s", external_id="c")])
    assert Customer.objects.get().consent_source == ""


def test_rows_of_another_merchant_are_neither_written_nor_changed(scope, other_merchant, at):
    with pytest.raises(NoScope):
        rows_insert(Order, [order("a", at, merchant_id=other_merchant.pk)])
    mine = order("a", at)
    rows_insert(Order, [mine])
    with tenant_scope(other_merchant.pk), pytest.raises(NoScope):
        rows_update(Order, [mine])


def test_without_a_scope_nothing_is_written(db, merchant, at):
    with pytest.raises(NoScope):
        rows_insert(Order, [order("a", at, merchant_id=merchant.pk)])


def test_a_field_that_turns_its_value_into_another_is_not_taken(scope):
    with pytest.raises(TypeError, match="body"):
        rows_insert(IdempotencyRecord, [IdempotencyRecord(key="k", body="secret")])


def test_a_table_that_has_doubled_is_analysed(scope, at):
    def estimated():
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE orders_customer" if not known else "SELECT 1")
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'orders_customer'")
            return cursor.fetchone()[0]

    known = []
    known.append(estimated())
    rows_insert(Customer, [Customer(source="s", external_id=str(n)) for n in range(FEW + 1)])
    keep_statistics(Customer, Order)
    assert estimated() >= known[0] + FEW + 1
