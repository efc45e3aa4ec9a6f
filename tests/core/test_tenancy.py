"""The loud wall and the silent one. Each route that would leak is tried, with and without a scope."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from core.ids import uuid7
from core.tenancy import NoScope, platform_scope, tenant_scope
from orders.models import Customer, Order, OrderLine
from tests.factories import paid_order

ROUTES = {
    "count": lambda: Customer.objects.count(),
    "exists": lambda: Customer.objects.exists(),
    "list": lambda: list(Customer.objects.all()),
    "first": lambda: Customer.objects.first(),
    "values": lambda: list(Customer.objects.values("id")),
    "iterator": lambda: list(Customer.objects.iterator()),
    "in_bulk": lambda: Customer.objects.in_bulk(),
    "aggregate": lambda: Customer.objects.aggregate(n=__import__("django.db.models", fromlist=["Count"]).Count("id")),
    "explain": lambda: Customer.objects.explain(),
    "base manager": lambda: Customer._base_manager.count(),
    "update": lambda: Customer.objects.update(first_name="x"),
    "delete": lambda: Customer.objects.all().delete(),
    "create": lambda: Customer.objects.create(source="x", external_id="x"),
    "bulk_create": lambda: Customer.objects.bulk_create([Customer(source="x", external_id="x")]),
    "get_or_create": lambda: Customer.objects.get_or_create(source="x", external_id="x"),
    "select_for_update": lambda: Customer.objects.select_for_update().first(),
}


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_scope_every_route_is_refused(db, route):
    with pytest.raises(NoScope), transaction.atomic():
        ROUTES[route]()


@pytest.fixture
def two_orders(merchant, other_merchant):
    with tenant_scope(merchant.pk):
        mine = paid_order(external_id="mine")
    with tenant_scope(other_merchant.pk):
        theirs = paid_order(external_id="theirs", currency="GBP")
    return mine, theirs


def test_a_scope_sees_only_its_own_rows(merchant, two_orders):
    mine, theirs = two_orders
    with tenant_scope(merchant.pk):
        assert list(Order.objects.values_list("pk", flat=True)) == [mine.pk]
        assert not Order.objects.filter(pk=theirs.pk).exists()
        assert Order.objects.filter(pk=theirs.pk).update(number="x") == 0
    with platform_scope("test"):
        assert Order.objects.count() == 2


def test_a_query_does_not_travel_between_scopes(merchant, other_merchant):
    with tenant_scope(merchant.pk):
        query = Order.objects.all()
    with tenant_scope(other_merchant.pk), pytest.raises(NoScope):
        list(query)


def test_a_row_of_another_merchant_is_not_written(merchant, other_merchant):
    with tenant_scope(merchant.pk), pytest.raises(NoScope):
        Customer.objects.create(merchant=other_merchant, source="x", external_id="x")
    with tenant_scope(merchant.pk), pytest.raises(NoScope):
        Customer.objects.update(merchant=other_merchant)


def test_a_row_of_another_merchant_is_not_saved_or_deleted(merchant, other_merchant, two_orders):
    _, theirs = two_orders
    with tenant_scope(merchant.pk):
        with pytest.raises(NoScope):
            theirs.save()
        with pytest.raises(NoScope):
            theirs.delete()


def test_raw_sql_sees_only_the_scope(merchant, two_orders):
    with tenant_scope(merchant.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM orders_order")
        assert cursor.fetchone() == (1,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM orders_order")
        assert cursor.fetchone() == (0,)


def test_raw_sql_cannot_write_for_another_merchant(merchant, other_merchant):
    insert = (
        "INSERT INTO orders_customer (id, merchant_id, source, external_id, email, email_normalised, first_name, "
        "last_name, name_normalised, phone, locale, accepts_marketing, created_at) "
        "VALUES (%s, %s, 'x', 'x', '', '', '', '', '', '', '', false, clock_timestamp())"
    )
    with (
        tenant_scope(merchant.pk),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(insert, [uuid7(), other_merchant.pk])


@pytest.mark.django_db(transaction=True)
def test_a_reference_to_another_merchants_row_is_refused(merchant, two_orders):
    """PostgreSQL's own foreign key check ignores the policies; the composite key does not."""
    mine, theirs = two_orders
    with tenant_scope(merchant.pk), pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.create(
            order_id=theirs.pk, external_id="x", title="x", quantity=1, unit_price_minor=1, total_minor=1
        )
    assert mine.merchant_id == merchant.pk


def test_the_setting_survives_rollbacks(merchant, two_orders):
    with tenant_scope(merchant.pk):
        try:
            with transaction.atomic():
                with platform_scope("inner"):
                    assert Order.objects.count() == 2
                raise ZeroDivisionError
        except ZeroDivisionError:
            assert Order.objects.count() == 1


def test_the_application_role_obeys_the_policies(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
