"""WooCommerce's export with one row per item: order fields on each row, amounts of items without tax."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.services.validation import input_totals
from tests.connectors import csv_files

COLUMNS = """order_id,order_number,order_number_formatted,date,status,shipping_total,shipping_tax_total,fee_total,
fee_tax_total,tax_total,discount_total,order_total,refunded_total,order_currency,payment_method,shipping_method,
customer_id,billing_first_name,billing_last_name,billing_full_name,billing_company,vat_number,billing_email,
billing_phone,billing_address_1,billing_address_2,billing_postcode,billing_city,billing_state,billing_state_code,
billing_country,shipping_first_name,shipping_last_name,shipping_full_name,shipping_address_1,shipping_address_2,
shipping_postcode,shipping_city,shipping_state,shipping_state_code,shipping_country,shipping_company,customer_note,
item_id,item_product_id,item_name,item_sku,item_quantity,item_subtotal,item_subtotal_tax,item_total,item_total_tax,
item_refunded,item_refunded_qty,item_meta,item_price,shipping_items,refunds,order_notes""".replace("\n", "").split(",")
ROW = {
    "order_id": "501",
    "date": "2025-03-01 10:00:00",
    "status": "completed",
    "shipping_total": "4.00",
    "shipping_tax_total": "0.80",
    "fee_total": "0.00",
    "fee_tax_total": "0.00",
    "order_total": "28.80",
    "refunded_total": "0.00",
    "order_currency": "GBP",
    "payment_method": "stripe",
    "shipping_method": "Flat rate",
    "customer_id": "7",
    "billing_first_name": "Ann",
    "billing_last_name": "Lee",
    "billing_email": "ann@example.com",
    "shipping_first_name": "Bob",
    "shipping_last_name": "Lee",
    "shipping_address_1": "1 High Street",
    "shipping_country": "GB",
    "item_id": "11",
    "item_product_id": "91",
    "item_name": "Tea",
    "item_sku": "TEA",
    "item_quantity": "2",
    "item_subtotal": "20.00",
    "item_subtotal_tax": "4.00",
    "item_total": "20.00",
    "item_total_tax": "4.00",
}


def read(*rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    found = csv_files.read(text.getvalue(), "woocommerce_orders")
    found.assert_reconciles()
    for order in found.data():
        assert input_totals(order).total_minor == order.total_minor
    return found


def test_an_order_of_two_rows_counts_its_own_fields_once():
    second = {"item_id": "12", "item_name": "Cup", "item_subtotal": "5.00", "item_total": "4.00"}
    second |= {"item_total_tax": "0.80", "item_quantity": "1", "item_product_id": "0"}
    found = read({"order_total": "33.60"}, {"order_total": "33.60", **second})
    (order,) = found.data()
    assert (order.external_id, order.number, order.source) == ("501", "501", "woocommerce")
    assert order.placed_at == order.paid_at == datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert [
        (each.external_id, each.variant_external_id, each.unit_price_minor, each.discount_minor, each.tax_minor)
        for each in order.lines
    ] == [("11", "91", 1000, 0, 400), ("12", None, 500, 100, 80)]
    assert (order.shipping_minor, order.shipping_tax_minor, order.tax_inclusive) == (400, 80, False)
    assert order.customer.external_id == "7"
    assert order.shipping_address.name == "Bob Lee"
    assert found.sum_in == {"GBP": Decimal("33.60")}


def test_an_amount_that_the_quantity_does_not_divide_is_kept_to_the_penny():
    (order,) = read({"item_quantity": "3"}).data()
    assert [(each.quantity, each.unit_price_minor, each.discount_minor) for each in order.lines] == [(3, 667, 1)]
    assert order.total_minor == 2880


def test_parts_of_a_penny_may_make_a_rounding_difference_and_no_more():
    found = read({"item_total": "19.996", "item_total_tax": "3.999", "order_total": "28.79"})
    assert [(note.code, note.amount) for note in found.notes] == [("rounded", Decimal("-0.01"))]
    assert read({"order_total": "28.79"}).lines_left == {2: "does_not_add_up"}


def test_a_fee_is_a_line_without_product_and_a_negative_one_a_discount():
    (order,) = read({"fee_total": "2.00", "fee_tax_total": "0.40", "order_total": "31.20"}).data()
    fee = order.lines[1]
    assert (fee.title, fee.unit_price_minor, fee.tax_minor, fee.variant_external_id) == ("Fee", 200, 40, None)
    (less,) = read({"fee_total": "-2.00", "order_total": "26.80"}).data()
    assert [each.discount_minor for each in less.lines] == [200]


def test_a_refund_goes_first_to_what_came_back():
    rows = [
        {"order_total": "52.80", "refunded_total": "13.00"},
        {"order_total": "52.80", "refunded_total": "13.00", "item_id": "12", "item_refunded_qty": "-1"},
    ]
    (order,) = read(*rows).data()
    assert [(each.refunded_minor, each.refunded_quantity) for each in order.lines] == [(0, 0), (1300, 1)]


def test_customer_0_is_known_by_e_mail_or_a_guest():
    assert read({"customer_id": "0"}).data()[0].customer.external_id == "ann@example.com"
    assert read({"customer_id": "0", "billing_email": ""}).data()[0].customer is None


@pytest.mark.parametrize(
    ("status", "is_paid", "is_cancelled"),
    [("processing", True, False), ("on-hold", False, False), ("failed", False, False), ("cancelled", False, True)],
)
def test_what_a_status_means(status, is_paid, is_cancelled):
    (order,) = read({"status": status}).data()
    assert (order.paid_at is not None, order.cancelled_at is not None) == (is_paid, is_cancelled)


def test_drafts_are_reported():
    assert read({"status": "checkout-draft"}).lines_left == {2: "status_ignored"}
