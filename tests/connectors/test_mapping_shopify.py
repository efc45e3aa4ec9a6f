"""Shopify's order export: order fields on the first row, figures of the whole order shared among its lines."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.imports.builtins import BUILTINS
from orders.inputs import TenderInput
from orders.services.validation import input_totals
from tests.connectors import csv_files

# In the order of a real export.
COLUMNS = """Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,
Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,
Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,
Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,
Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,
Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,
Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,
Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Phone""".replace("\n", "").split(
    ","
)
FIRST = {
    "Name": "#1001",
    "Email": "Ann@Example.com",
    "Financial Status": "paid",
    "Paid at": "2025-10-07 09:50:26 +0200",
    "Fulfillment Status": "unfulfilled",
    "Accepts Marketing": "yes",
    "Currency": "EUR",
    "Subtotal": "30.00",
    "Shipping": "5.00",
    "Taxes": "0.00",
    "Total": "35.00",
    "Discount Amount": "0.00",
    "Shipping Method": "Standard",
    "Created at": "2025-10-07 09:50:27 +0200",
    "Lineitem quantity": "3",
    "Lineitem name": "Mask - Large",
    "Lineitem price": "10.00",
    "Lineitem sku": "MASK-L",
    "Lineitem taxable": "true",
    "Lineitem fulfillment status": "pending",
    "Lineitem discount": "0.00",
    "Billing Name": "Ann Marie Lee",
    "Shipping Name": "Ann Lee",
    "Shipping Address1": "13 rue de Berri",
    "Shipping City": "Paris",
    "Shipping Zip": "'75008",
    "Shipping Country": "FR",
    "Payment Method": "Shopify Payments",
    "Refunded Amount": "0.00",
    "Id": "7410991464714",
    "Tags": "vip, news",
    "Risk Level": "Low",
    "Source": "web",
}


def more(name="#1001", **cells):
    return {
        "Name": name,
        "Created at": FIRST["Created at"],
        "Lineitem quantity": "1",
        "Lineitem name": "Soap",
        "Lineitem price": "10.00",
        "Lineitem taxable": "true",
        "Lineitem discount": "0.00",
        **cells,
    }


def first(**cells):
    return {**FIRST, **{name.replace("_", " "): text for name, text in cells.items()}}


def written(*rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read(*rows):
    found = csv_files.read(written(*rows), "shopify_orders")
    found.assert_reconciles()
    for order in found.data():
        assert input_totals(order).total_minor == order.total_minor
    return found


def test_an_order_of_two_rows():
    found = read(first(Subtotal="40.00", Total="45.00"), more())
    (order,) = found.data()
    assert (order.external_id, order.number, order.source) == ("7410991464714", "#1001", "shopify")
    assert order.placed_at == order.paid_at == datetime(2025, 10, 7, 7, 50, 27, tzinfo=UTC)
    assert [(each.title, each.quantity, each.unit_price_minor) for each in order.lines] == [
        ("Mask - Large", 3, 1000),
        ("Soap", 1, 1000),
    ]
    assert (order.shipping_title, order.shipping_minor, order.total_minor) == ("Standard", 500, 4500)
    assert (order.customer.external_id, order.customer.email) == ("ann@example.com", "Ann@Example.com")
    assert (order.customer.first_name, order.customer.last_name) == ("Ann Marie", "Lee")
    assert order.customer.accepts_marketing is True
    assert (order.shipping_address.country, order.shipping_address.postal_code) == ("FR", "75008")
    assert (order.tags, order.risk_level, order.sales_channel) == (("vip", "news"), "low", "web")
    assert order.tenders == (TenderInput(kind="other", amount_minor=4500, captured_minor=4500),)
    assert found.sum_in == {"EUR": Decimal("45.00")}


def test_a_discount_is_shared_by_largest_remainder():
    (order,) = read(
        first(Discount_Amount="10.00", Subtotal="40.00", Total="45.00"), more(), more(**{"Lineitem price": "10.00"})
    ).data()
    assert [each.discount_minor for each in order.lines] == [600, 200, 200]


def test_the_lines_own_discounts_stay_with_them():
    (order,) = read(
        first(Discount_Amount="4.00", Subtotal="36.00", Total="41.00"), more(**{"Lineitem discount": "3.00"})
    ).data()
    assert [each.discount_minor for each in order.lines] == [81, 319]


def test_a_discount_of_the_shipping_is_none_of_the_lines():
    (order,) = read(first(Discount_Amount="5.00", Shipping="0.00", Total="30.00")).data()
    assert order.lines[0].discount_minor == 0


def test_taxes_are_in_the_prices_where_the_total_is_reached_without_them():
    (order,) = read(first(Taxes="5.83")).data()
    assert order.tax_inclusive
    assert (order.lines[0].tax_minor, order.shipping_tax_minor, order.total_minor) == (583, 0, 3500)


def test_taxes_come_on_top_where_the_total_says_so_and_only_on_taxable_lines():
    (order,) = read(first(Subtotal="40.00", Taxes="6.00", Total="51.00"), more(**{"Lineitem taxable": "false"})).data()
    assert not order.tax_inclusive
    assert [each.tax_minor for each in order.lines] == [600, 0]


def test_a_fee_is_in_the_total_and_in_no_subtotal():
    profile = BUILTINS["shopify_orders"].profile
    settings = {**profile.dump(), "columns": {**profile.dump()["columns"], "fee": "Note Attributes"}}
    text = written(first(Note_Attributes="2.00", Total="37.00", Taxes="5.83"))
    found = csv_files.read(text, type(profile).parse(settings))
    (order,) = found.data()
    assert order.tax_inclusive
    assert [(line.title, line.unit_price_minor) for line in order.lines] == [("Mask - Large", 1000), ("Fee", 200)]


def test_a_total_that_does_not_add_up_is_reported_with_both_figures():
    found = read(first(Total="36.00"), more("#1002", Id="2"))
    assert found.lines_left[2] == "does_not_add_up"
    message = found.notes[0].message
    assert "35.00 EUR" in message
    assert "36.00 EUR" in message


def test_a_subtotal_that_does_not_add_up_is_reported_with_both_figures():
    found = read(first(Subtotal="31.00", Total="36.00"))
    assert found.lines_left == {2: "does_not_add_up"}
    assert "The lines come to 30.00 EUR" in found.notes[0].message
    assert "the subtotal says 31.00 EUR" in found.notes[0].message


def test_a_refund_is_shared_among_lines_and_its_rest_is_the_shippings():
    (order,) = read(first(Subtotal="40.00", Total="45.00", Refunded_Amount="43.00"), more()).data()
    assert [(each.refunded_minor, each.refunded_quantity) for each in order.lines] == [(3000, 3), (1000, 1)]
    assert order.shipping_refunded_minor == 300
    (partly,) = read(first(Subtotal="40.00", Total="45.00", Refunded_Amount="10.01"), more()).data()
    assert [(each.refunded_minor, each.refunded_quantity) for each in partly.lines] == [(751, 0), (250, 0)]


def test_more_refunded_than_paid_is_reported():
    assert read(first(Refunded_Amount="35.01")).lines_left == {2: "does_not_add_up"}


@pytest.mark.parametrize("status", ["pending", "voided", "authorized", "expired"])
def test_what_is_not_paid_has_no_payment(status):
    (order,) = read(first(Financial_Status=status, Paid_at="")).data()
    assert order.paid_at is None
    assert order.tenders == ()


def test_a_status_that_the_profile_does_not_know_is_reported():
    found = read(first(Financial_Status="on_fire"))
    assert found.lines_left == {2: "unknown_status"}
    assert found.notes[0].column == "Financial Status"


def test_cancelled_fulfilled_and_paid_by_gift_card():
    (order,) = read(
        first(
            Cancelled_at="2025-10-08 10:00:00 +0200",
            Fulfillment_Status="fulfilled",
            Fulfilled_at="2025-10-08 09:00:00 +0200",
            Payment_Method="gift_card",
        )
    ).data()
    assert order.cancelled_at == datetime(2025, 10, 8, 8, tzinfo=UTC)
    assert order.fulfilled_at == datetime(2025, 10, 8, 7, tzinfo=UTC)
    assert order.lines[0].fulfilled_quantity == 3
    assert [(tender.kind, tender.amount_minor) for tender in order.tenders] == [("gift_card", 3500)]


def test_an_order_without_e_mail_is_a_guests_and_a_bad_one_is_told():
    (order,) = read(first(Email="")).data()
    assert order.customer is None
    found = read(first(Email="ann at example"))
    assert found.data()[0].customer is None
    assert [(note.code, note.is_line) for note in found.notes] == [("bad_email", False)]


def test_orders_side_by_side_keep_their_rows():
    found = read(first(), first(Name="#1002", Id="2"), more("#1001"), first(Name="#1003", Id="3"))
    assert found.lines_left == {2: "does_not_add_up", 4: "does_not_add_up"}
    assert [order.number for order in found.data()] == ["#1002", "#1003"]
