"""The stated rules for files in the Online Retail layout, one by one."""

from datetime import UTC, datetime
from decimal import Decimal

from orders.inputs import CreditInput
from tests.connectors import csv_files

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
DAY = "2010-12-01 08:26:00"


def line(invoice, code="85123A", quantity=6, price="2.55", customer="17850", *, title="HEART", at=DAY, land="EIRE"):
    return f"{invoice},{code},{title},{quantity},{at},{price},{customer},{land}"


def read(*lines, **options):
    found = csv_files.read(csv_files.rows(*lines, header=HEADER), "online_retail", **options)
    found.assert_reconciles()
    return found


def test_rows_of_an_invoice_are_one_order_wherever_they_stand():
    found = read(line(1), line(2, "A"), line(1, "71053", 1, "3.39"), line(2, "B"), size=1)
    first, second = found.data()
    assert [(each.sku, each.quantity, each.unit_price_minor) for each in first.lines] == [
        ("85123A", 6, 255),
        ("71053", 1, 339),
    ]
    assert (first.external_id, first.number, first.source) == ("1", "1", "online_retail")
    assert (first.total_minor, first.currency, first.tax_inclusive) == (1869, "GBP", True)
    assert first.is_backfill
    assert first.version is None
    assert second.external_id == "2"
    assert [item.lines for item in found.items if item.lines] == [(2, 4), (3, 5)]


def test_the_time_is_londons_and_that_of_the_first_line_and_paid_at_once():
    (order,) = read(line(1, at="2011-06-01 12:00:00"), line(1, at="2011-06-01 12:01:00")).data()
    assert order.placed_at == order.paid_at == datetime(2011, 6, 1, 11, tzinfo=UTC)


def test_the_american_way_of_dates_is_read_too():
    (order,) = read(line(1, at="12/1/2010 8:26")).data()
    assert order.placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def test_customers_have_an_id_and_no_invented_address_and_guests_have_none():
    known, guest = read(line(1), line(2, customer="")).data()
    assert (known.customer.external_id, known.customer.email) == ("17850", "")
    assert known.shipping_address.country == "IE"
    assert guest.customer is None


def test_countries_that_are_none_are_told():
    found = read(line(1, land="European Community"))
    assert found.data()[0].shipping_address is None
    assert [(note.code, note.column, note.is_line) for note in found.notes] == [("unknown_country", "Country", False)]


def test_postage_is_the_orders_shipping():
    (order,) = read(line(1), line(1, "POST", 2, "18.00", title="POSTAGE"), line(1, "C2", 1, "5.00")).data()
    assert [each.sku for each in order.lines] == ["85123A"]
    assert (order.shipping_title, order.shipping_minor, order.total_minor) == ("POSTAGE", 4100, 1530 + 4100)


def test_postage_alone_stays_a_line_without_product():
    found = read(line(1, "DOT", 1, "18.00"))
    (order,) = found.data()
    assert [(each.sku, each.variant_external_id) for each in order.lines] == [("DOT", None)]
    assert order.shipping_minor == 0
    assert found.data("products") == []


def test_manual_lines_have_no_product():
    codes = ["M", "m", "D", "S", "AMAZONFEE", "BANK CHARGES", "CRUK", "gift_0001_20"]
    found = read(*(line(1, code) for code in codes), line(1, "DCGSSBOY"))
    assert [each.variant_external_id for each in found.data()[0].lines] == [None] * len(codes) + ["DCGSSBOY"]
    assert [product.external_id for product in found.data("products")] == ["DCGSSBOY"]


def test_lines_of_credit_notes_are_credits_one_by_one_behind_the_orders():
    found = read(line("C9", quantity=-2), line(1), line("C9", "POST", -1, "18.00", title="POSTAGE"))
    assert [batch.phase for batch in found.batches] == ["products", "orders", "credits"]
    assert [batch.number for batch in found.batches] == [0, 1, 2]
    goods, postage = found.data("credits")
    at = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert goods == CreditInput(
        external_id="C9:1",
        customer_external_id="17850",
        sku="85123A",
        unit_price_minor=255,
        quantity=2,
        refunded_at=at,
    )
    assert (postage.external_id, postage.sku, postage.is_shipping) == ("C9:2", "", True)
    assert [(item.lines, item.amount) for item in found.items if isinstance(item.data, CreditInput)] == [
        ((2,), Decimal("-5.10")),
        ((4,), Decimal("-18.00")),
    ]
    assert found.sum_in == {"GBP": Decimal("15.30") - Decimal("23.10")}


def test_credits_without_customer_and_lines_that_give_nothing_back_are_reported():
    found = read(line("C9", quantity=-2, customer=""), line("C9", quantity=2), line("C9", quantity=-1, price="0"))
    assert found.lines_left == {2: "credit_without_customer", 3: "no_credit", 4: "no_credit"}
    assert [note.amount for note in found.notes] == [Decimal("-5.10"), Decimal("5.10"), Decimal(0)]


def test_a_credit_note_with_an_endless_number_is_reported():
    assert read(line("C" * 127, quantity=-1)).lines_left == {2: "too_long"}


def test_negative_prices_and_quantities_are_reported_and_the_rest_of_the_order_is_not():
    found = read(line(1), line(1, "B", 1, "-11062.06"), line(1, "C", -3, "1.00"), line(1, "D0", 0, "1.00"))
    assert found.lines_left == {3: "negative_price", 4: "negative_quantity", 5: "zero_quantity"}
    assert found.data()[0].total_minor == 1530
    assert [note.amount for note in found.notes] == [Decimal("-11062.06"), Decimal("-3.00"), Decimal("0.00")]


def test_an_order_of_which_nothing_is_left_is_reported_whole_each_line_with_its_reason():
    found = read(line(1, quantity=-3, price="0", customer=""), line(1, quantity=-4, price="0", customer=""))
    assert found.lines_left == {2: "negative_quantity", 3: "negative_quantity"}
    assert found.data() == found.data("products") == []


def test_bad_debts_are_no_sales():
    found = read(line("A563185", "B", 1, "11062.06", ""))
    assert found.lines_left == {2: "not_a_sale"}
    assert found.notes[0].amount == Decimal("11062.06")


def test_what_costs_nothing_is_free_for_a_customer_or_beside_something_priced_else_a_correction():
    found = read(
        line(1, price="0.0"),
        line(2, price="0", customer=""),
        line(2, "B", price="1.00", customer=""),
        line(3, price="0", customer="", title="damaged"),
        line(3, "C", price="0.0", customer=""),
    )
    assert [(order.external_id, order.total_minor, len(order.lines)) for order in found.data()] == [
        ("1", 0, 1),
        ("2", 600, 2),
    ]
    assert found.lines_left == {5: "stock_correction", 6: "stock_correction"}


def test_exact_duplicates_stay_lines_of_their_own_and_are_counted():
    found = read(line(1), line(1), line(1, quantity=5), line(1))
    (order,) = found.data()
    assert [(each.external_id, each.quantity) for each in order.lines] == [("1", 6), ("2", 6), ("3", 5), ("4", 6)]
    assert [(note.line, note.code, note.is_line) for note in found.notes] == [
        (3, "duplicate", False),
        (5, "duplicate", False),
    ]


def test_duplicates_can_be_reported_instead():
    profile = csv_files.orders_profile(duplicates="report")
    found = csv_files.read(csv_files.rows(*["1,2011-01-02,A,N,2,1.50"] * 3), profile)
    found.assert_reconciles()
    assert found.lines_left == {3: "duplicate", 4: "duplicate"}
    assert found.data()[0].total_minor == 300


def test_products_have_the_first_title_and_the_newest_price():
    found = read(
        line(1, title="", price="2.00", at="2011-01-03 00:00"),
        line(2, title="FIRST", price="3.00", at="2011-01-05 00:00"),
        line(3, title="SECOND", price="2.50", at="2011-01-04 00:00"),
        line(4, title="damaged", price="0", customer="", at="2011-01-06 00:00"),
        line(4, "NEW", title="", price="1.00"),
    )
    heart, new = found.data("products")
    assert (heart.source, heart.external_id, heart.title) == ("online_retail", "85123A", "FIRST")
    assert [(each.external_id, each.sku, each.price_minor, each.currency) for each in heart.variants] == [
        ("85123A", "85123A", 300, "GBP")
    ]
    assert new.title == "NEW"
    assert found.counts == {"orders": 4, "products": 2}


def test_an_order_of_two_customers_is_refused():
    found = read(line(1), line(1, customer="2"))
    assert found.lines_left == {2: "order_refused", 3: "contradiction"}
