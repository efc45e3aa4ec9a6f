"""What stands in the files: a row per line, lossless cells, one page in memory, a scope for each page."""

import csv
import io
import json

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from connectors.columns import COLUMNS
from connectors.exports.cells import text
from connectors.exports.customers import CustomerExport
from connectors.exports.orders import OrderExport
from connectors.exports.products import ProductExport
from connectors.exports.stream import BROKEN_OFF, export_start
from core.tenancy import NoScope, require_scope, tenant_scope
from merchants.models import AuditEntry
from messaging.services.suppression import suppression_add
from orders.models import Customer, Order, Product
from orders.services.revisions import Actor
from tests.factories import LineInputFactory, ProductFactory, VariantFactory, paid_order

pytestmark = pytest.mark.django_db
CLERK = Actor("user", "7")


def start(export, **options):
    return export_start(export, actor=CLERK, asked={}, **{"bom": False, **options})


def rows(export, **options):
    with_header = list(csv.reader(io.StringIO(b"".join(start(export, **options)).decode(), newline="")))
    return [dict(zip(with_header[0], row, strict=True)) for row in with_header[1:]]


def two_lines():
    return (LineInputFactory(external_id="a"), LineInputFactory(external_id="b", quantity=2))


class TestOrders:
    def test_a_row_per_line_and_what_one_sorts_by_on_each(self, at, scope):
        paid_order(external_id="1", lines=two_lines())
        first, second = rows(OrderExport(Order.objects.all()))
        assert tuple(first) == tuple(column.name for column in COLUMNS["orders"])
        assert (first["line_external_id"], second["line_external_id"]) == ("a", "b")
        for row in (first, second):
            assert (row["external_id"], row["number"], row["currency"]) == ("1", "HP-1", "USD")
            assert row["placed_at"] == "2026-03-10T12:00:00Z"
        assert (first["total"], second["total"]) == ("150.00", "")
        assert (first["customer_email"], second["customer_email"]) != ("", "")
        assert second["customer_email"] == ""
        assert second["line_quantity"] == "2"
        assert json.loads(first["tenders"])[0] == {
            "kind": "card",
            "provider": "stripe",
            "customer": "cus_test",
            "payment_method": "pm_test",
            "brand": "visa",
            "last4": "4242",
            "amount": "50.00",
            "captured": "50.00",
        }

    def test_guests_leave_their_columns_empty(self, at, scope):
        paid_order(customer=None, shipping_address=None, tenders=())
        [row] = rows(OrderExport(Order.objects.all()))
        assert [name for name, value in row.items() if value and name.startswith(("customer_", "shipping_a"))] == []
        assert row["tenders"] == ""

    def test_without_personal_columns_no_value_of_the_shopper_is_in_the_file(self, at, scope):
        order = paid_order()
        file = b"".join(start(OrderExport(Order.objects.all(), is_personal=False))).decode()
        for value in (order.customer.email, order.customer.external_id, "Rosengren", "Alder", "97214", "cus_test"):
            assert value not in file
        assert order.number in file

    def test_oldest_first_whatever_the_page(self, at, scope, monkeypatch):
        monkeypatch.setattr("connectors.exports.orders.PAGE", 2)
        placed = ["2026-03-01", "2026-02-01", "2026-02-01", "2026-02-01", "2026-01-01"]
        for number, day in enumerate(placed):
            paid_order(external_id=str(number), placed_at=at.fromisoformat(f"{day}T00:00Z"), lines=two_lines())
        found = rows(OrderExport(Order.objects.all()))
        assert [row["external_id"] for row in found[::2]] == ["4", "1", "2", "3", "0"]
        assert len(found) == 10

    def test_an_order_that_changes_meanwhile_is_read_again(self, at, scope, monkeypatch):
        order = paid_order(lines=two_lines())

        def change_once(execute, sql, params, many, context):
            result = execute(sql, params, many, context)
            if '"orders_orderrefund"' in sql and not changed:
                changed.append(1)
                paid_order(external_id=order.external_id, version=2, lines=two_lines()[:1])
            return result

        changed = []
        with connection.execute_wrapper(change_once):
            found = rows(OrderExport(Order.objects.all()))
        assert [(row["line_external_id"], row["total"], row["version"]) for row in found] == [("a", "50.00", "2")]


class TestProducts:
    def test_a_row_per_variant_also_of_those_not_on_sale(self, scope):
        heart = VariantFactory(product__external_id="1", external_id="x", stock_quantity=-2, cost_minor=5).product
        VariantFactory(product=heart, external_id="y", position=1, is_active=False, tax_rate_bp=2000)
        with_it = VariantFactory(product__external_id="2").product
        heart.complements.create(complement=with_it)
        first, second, other = rows(ProductExport(Product.objects.all()))
        assert tuple(first) == tuple(column.name for column in COLUMNS["products"])
        assert (first["variant_external_id"], second["variant_external_id"]) == ("x", "y")
        assert first["complements"] == second["complements"] == '["2"]'
        assert (first["variant_cost"], second["variant_cost"]) == ("0.05", "")
        assert (first["variant_stock_quantity"], second["variant_stock_quantity"]) == ("-2", "")
        assert (first["variant_is_active"], second["variant_is_active"]) == ("true", "false")
        assert (first["variant_tax_rate"], second["variant_tax_rate"]) == ("", "0.2000")
        assert other["external_id"] == "2"

    def test_pages_follow_the_ids(self, scope, monkeypatch):
        monkeypatch.setattr("connectors.exports.products.PAGE", 2)
        for source, external_id in (("b", "1"), ("a", "3"), ("a", "1"), ("a", "2"), ("b", "0")):
            VariantFactory(product=ProductFactory(source=source, external_id=external_id))
        found = [(row["source"], row["external_id"]) for row in rows(ProductExport(Product.objects.all()))]
        assert found == [("a", "1"), ("a", "2"), ("a", "3"), ("b", "0"), ("b", "1")]


class TestCustomers:
    def test_consent_and_suppression(self, at, scope):
        Customer.objects.create(
            source="custom", external_id="1", email="Ada@mail.example", consented_at=at, consent_source="checkout"
        )
        Customer.objects.create(source="custom", external_id="2", email="ada@mail.example", accepts_marketing=True)
        Customer.objects.create(source="custom", external_id="3", erased_at=at)
        suppression_add(channel="email", address="ada@MAIL.example", reason="bounced")
        first, second = sorted(rows(CustomerExport(Customer.objects.all())), key=lambda row: row["external_id"])
        assert tuple(first) == tuple(column.name for column in COLUMNS["customers"])
        assert (first["consented_at"], first["consent_source"]) == ("2026-03-10T12:00:00Z", "checkout")
        assert (first["accepts_marketing"], second["accepts_marketing"]) == ("false", "true")
        assert (first["suppressed"], second["suppressed"]) == ("bounced", "bounced")


class TestFile:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'"])
    def test_what_a_spreadsheet_takes_for_a_formula_is_a_text(self, start):
        assert text(f"{start}cmd") == f"'{start}cmd"
        assert text(f" {start}cmd") == f" {start}cmd"

    def test_formulas_are_texts_in_every_column(self, at, scope):
        formula = '=cmd|"/c calc"!A1'
        paid_order(external_id=formula, number=formula, lines=(LineInputFactory(title=formula, sku=formula),))
        [row] = rows(OrderExport(Order.objects.all()))
        for name in ("external_id", "number", "line_title", "line_sku"):
            assert row[name] == f"'{formula}"
        assert not [value for value in row.values() if value.startswith(("=", "+", "-", "@"))]

    def test_a_mark_tells_spreadsheets_the_encoding(self, scope):
        assert b"".join(start(ProductExport(Product.objects.all()), bom=True)).startswith(b"\xef\xbb\xbfsource,")
        assert b"".join(start(ProductExport(Product.objects.all()))).startswith(b"source,")

    def test_pieces_are_read_after_the_scope_is_closed(self, at, merchant, other_merchant):
        with tenant_scope(other_merchant.pk):
            paid_order(external_id="theirs", currency="GBP")
        with tenant_scope(merchant.pk):
            paid_order(external_id="ours")
            pieces = start(OrderExport(Order.objects.all()))
        with pytest.raises(NoScope):
            require_scope()
        file = b"".join(pieces)
        assert b"ours" in file
        assert b"theirs" not in file

    def test_both_ends_are_in_the_audit_log(self, at, scope):
        paid_order()
        paid_order()
        rows(OrderExport(Order.objects.all()))
        begun = AuditEntry.objects.get(action="orders.export_started")
        ended = AuditEntry.objects.get(action="orders.exported")
        assert (ended.actor_type, ended.actor_id) == ("user", "7")
        assert ended.after == {"orders": 2, "complete": True}
        assert begun.object_id == ended.object_id

    def test_who_goes_away_is_in_the_audit_log(self, at, scope, monkeypatch):
        monkeypatch.setattr("connectors.exports.orders.PAGE", 1)
        paid_order()
        paid_order()
        pieces = start(OrderExport(Order.objects.all()))
        next(pieces), next(pieces)
        pieces.close()
        assert AuditEntry.objects.get(action="orders.exported").after == {"orders": 1, "complete": False}

    def test_a_fault_breaks_the_file_off_and_says_so_in_it(self, at, scope, monkeypatch):
        monkeypatch.setattr("connectors.exports.orders.PAGE", 1)
        paid_order()
        paid_order()
        pieces = start(OrderExport(Order.objects.all()))
        header, first = next(pieces), next(pieces)

        def fail(execute, sql, params, many, context):
            if '"orders_order"' in sql:
                raise OperationalError("the server is gone")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(fail):
            last = next(pieces)
            with pytest.raises(OperationalError):
                next(pieces)
        assert last.decode() == f"{BROKEN_OFF}\r\n"
        assert [len(row) for row in csv.reader(io.StringIO((header + first + last).decode(), newline=""))][-1] == 1
        assert AuditEntry.objects.get(action="orders.exported").after == {"orders": 1, "complete": False}


class TestCost:
    """The same number of statements for a page of two and of many."""

    def test_statements_per_page(self, at, scope):
        def count(export):
            pieces = start(export)
            next(pieces)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                next(pieces)
            pieces.close()
            return len(asked)

        def counts():
            return {
                "orders": count(OrderExport(Order.objects.all())),
                "customers": count(CustomerExport(Customer.objects.all())),
                "products": count(ProductExport(Product.objects.all())),
            }

        def grow(size):
            for _ in range(size):
                variant = VariantFactory()
                paid_order(lines=(LineInputFactory(variant_external_id=variant.external_id), *two_lines()))
                product = variant.product
                product.complements.create(complement=VariantFactory().product)

        grow(1)
        few = counts()
        grow(5)
        assert counts() == few == {"orders": 6, "customers": 2, "products": 3}

    def test_a_page_is_all_that_is_held(self, at, scope, monkeypatch):
        monkeypatch.setattr("connectors.exports.orders.PAGE", 1)
        for _ in range(3):
            paid_order()
        pieces = start(OrderExport(Order.objects.all()))
        next(pieces)
        with CaptureQueriesContext(connection) as asked:
            next(pieces)
        assert len(asked) == 5, "the next page is not read before it is asked for"
