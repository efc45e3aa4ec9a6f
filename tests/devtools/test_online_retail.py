"""Reading the Online Retail layout, on a small file of our own with everything that is odd in real ones."""

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from devtools.online_retail import LayoutError, invoices, order_payload, product_payload, survey

DAY = date(2011, 3, 1)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
LINES = """\
100,22000,OTHER DAY,1,2011-02-28 23:59:00,1.0,17000,United Kingdom
101,85123A, WHITE  HANGING HEART ,6,2011-03-01 08:26:00,2.55,17850,United Kingdom
101,POST,POSTAGE,1,2011-03-01 08:26:00,18.0,17850,United Kingdom
102,22633,HAND WARMER,2,2011-03-01 08:40:00,1.85,,Unspecified
101,85123A, WHITE  HANGING HEART ,6,2011-03-01 08:26:00,2.55,17850,United Kingdom
C103,22633,HAND WARMER,-2,2011-03-01 09:00:00,1.85,17850,United Kingdom
104,22797,damages,-15,2011-03-01 10:32:00,0.0,,United Kingdom
105,22111,found,3,2011-03-01 10:40:00,0.0,,United Kingdom
106,22797,CHEST OF DRAWERS,2,2011-03-01 11:00:00,16.95,12683,France
106,22111,GIFT,1,2011-03-01 11:00:00,0.0,12683,France
106,M,Manual,1,2011-03-01 11:00:00,3.50,12683,France
106,22797,broken,-1,2011-03-01 11:00:00,0.0,12683,France
107,PADS,PADS TO MATCH ALL CUSHIONS,3,2011-03-01 12:00:00,0.001,13952,EIRE
107,22222,"CUSHION, BLUE",1,2011-03-01 12:00:00,1.00,13952,EIRE
108,POST,POSTAGE,2,2011-03-01 13:00:00,15.0,12866,Belgium
A109,B,Adjust bad debt,1,2011-03-01 14:00:00,-1106.06,,United Kingdom
110,22000,OTHER DAY,1,2011-03-02 00:00:00,1.0,17000,United Kingdom
"""


def write(folder, text, name="day.csv"):
    path = folder / name
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path, f"{HEADER}\n{LINES}")


@pytest.fixture
def found(file):
    return {invoice.number: invoice for invoice in invoices(file, DAY, survey(file, DAY).by_invoice)}


def test_survey_counts_only_the_day(file):
    day = survey(file, DAY)
    assert day.lines == 15
    assert sorted(day.by_invoice) == ["101", "102", "104", "105", "106", "107", "108", "A109", "C103"]
    assert day.total == Decimal("-989.057")


def test_packed_and_plain_files_read_the_same(file, tmp_path):
    packed = write(tmp_path, f"{HEADER}\n{LINES}", "day.csv.gz")
    assert survey(packed, DAY) == survey(file, DAY)


def test_file_is_not_held(file):
    """An invoice is handed out before the lines after it are read."""
    broken = file.with_name("broken.csv")
    broken.write_text(file.read_text() + "111,1,X,many,2011-03-01 15:00:00,1,1,France\n")
    counts = survey(file, DAY).by_invoice
    reading = invoices(broken, DAY, counts)
    assert next(reading).number == "102"
    assert next(reading).number == "101"
    with pytest.raises(LayoutError, match="Line 19"):
        list(reading)


def test_lines_that_stand_apart_are_one_invoice_and_duplicates_count_twice(found):
    assert found["101"].total == Decimal("48.60")
    assert found["101"].duplicates == 1
    assert found["101"].total == found["101"].file_total


def test_cancellations_and_corrections_are_no_orders(found):
    reasons = {number: invoice.left[0].reason for number, invoice in found.items() if not invoice.is_order}
    assert reasons == {
        "C103": "cancellation",
        "104": "negative quantity: stock correction or refund",
        "105": "costs nothing and has no customer: stock correction",
        "A109": "not a sales invoice",
    }


def test_gifts_and_manual_lines_stay_in_the_order(found):
    invoice = found["106"]
    assert [row.code for row in invoice.lines] == ["22797", "22111", "M"]
    assert invoice.total == Decimal("37.40")
    assert [item.reason for item in invoice.left] == ["negative quantity: stock correction or refund"]


def test_parts_of_a_penny_are_rounded_and_told(found):
    invoice = found["107"]
    assert invoice.total == Decimal("1.00")
    assert [(item.row.code, item.amount) for item in invoice.left] == [("PADS", Decimal("0.003"))]
    assert invoice.total + sum(item.amount for item in invoice.left) == invoice.file_total


def test_postage_alone_is_an_order(found):
    assert [row.code for row in found["108"].lines] == ["POST"]
    assert found["108"].total == Decimal("30.00")


def test_orders_and_what_is_left_out_add_up_to_the_file(file, found):
    posted = sum(invoice.total for invoice in found.values() if invoice.is_order)
    left = sum(item.amount for invoice in found.values() for item in invoice.left)
    assert posted + left == survey(file, DAY).total


def test_catalogue_has_titles_and_prices_of_goods_only(file):
    catalogue = survey(file, DAY).catalogue
    assert set(catalogue) == {"85123A", "22633", "22111", "22797", "22222"}
    assert catalogue["22797"].title == "Chest of drawers"
    assert product_payload("85123A", catalogue["85123A"])["variants"][0]["price"] == "2.55"


def test_payload_of_an_order(found):
    at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    order = order_payload(found["101"], at, {"kind": "card", "provider": "stripe", "last4": "4242"}, label="b")
    assert (order["external_id"], order["total"]) == ("101-b", "48.60")
    assert order["shipping"] == {"title": "Postage", "price": "18.00", "tax": "0.00"}
    assert [line["title"] for line in order["lines"]] == ["White hanging heart"] * 2
    assert order["tenders"][0]["captured"] == "48.60"
    assert order["customer"]["email"] == "customer-17850@online-retail.example"
    assert "file time 2011-03-01 08:26" in order["tags"]


def test_guest_has_no_customer_and_an_unknown_country_no_address(found):
    order = order_payload(found["102"], datetime(2026, 3, 10, tzinfo=UTC), None)
    assert order["customer"] is None
    assert order["shipping_address"] is None
    assert order["tenders"][0]["kind"] == "other"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,c\n1,2,3\n", "must name these columns"),
        ("", "must name these columns"),
        (f"{HEADER}\n101,1,X,six,2011-03-01 08:26:00,1,1,France\n", "Line 2"),
        (f"{HEADER}\n101,1,X,6,2011-03-01 25:26:00,1,1,France\n", "Line 2"),
        (f"{HEADER}\n101,1,X,6,2011-03-01 08:26:00,cheap,1,France\n", "Line 2"),
        (f"{HEADER}\n101,1,X,6,2011-03-01 08:26:00,NaN,1,France\n", "Line 2"),
        (f"{HEADER}\n101,1,X,6,2011-03-01 08:26:00\n", "Line 2"),
    ],
)
def test_other_layouts_are_refused_with_the_line(tmp_path, text, message):
    with pytest.raises(LayoutError, match=message):
        survey(write(tmp_path, text), DAY)
