"""Whatever stands in a file: every line and every penny is accounted for once; the way of reading changes nothing."""

import csv
import io
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.imports.builtins import BUILTINS
from connectors.imports.plan import FileRefused
from core.money import to_decimal
from orders.inputs import OrderInput
from orders.services.validation import input_totals
from tests.connectors.csv_files import read

RETAIL = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
retail_rows = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3", "C4", "C5", "A6", "", " 1 "]),
        st.sampled_from(["85123A", "71053", "POST", "M", ""]),
        st.sampled_from(["Heart", "", "Two\nlines", 'A "quote"', ";,|"]),
        st.sampled_from(["1", "6", "-2", "0", "1.5", "", "x"]),
        st.sampled_from(["2010-12-01 08:26:00", "12/1/2010 8:26", "31/02/2011", ""]),
        st.sampled_from(["2.55", "0", "0.001", "1.015", "-3.00", "1,234.50", "", "=1"]),
        st.sampled_from(["17850", "12345", ""]),
        st.sampled_from(["United Kingdom", "EIRE", "Unspecified", ""]),
    ),
    min_size=1,
    max_size=30,
)
woocommerce_rows = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.sampled_from(["1", "2", "3", ""]),
            "date": st.just("2025-03-01 10:00:00"),
            "status": st.sampled_from(["completed", "pending", "checkout-draft", "odd"]),
            "shipping_total": st.sampled_from(["0.00", "4.00"]),
            "shipping_tax_total": st.just("0.00"),
            "order_total": st.sampled_from(["10.00", "14.00", "20.00", "9.99", "x", ""]),
            "refunded_total": st.sampled_from(["0.00", "5.00", "14.00"]),
            "order_currency": st.sampled_from(["GBP", "EUR", "JPY", "???", ""]),
            "item_name": st.sampled_from(["Tea", ""]),
            "item_quantity": st.sampled_from(["1", "3", ""]),
            "item_subtotal": st.sampled_from(["10.00", "12.005"]),
            "item_total": st.sampled_from(["10.00", "9.995", "20.00"]),
            "item_total_tax": st.just("0.00"),
        }
    ),
    min_size=1,
    max_size=12,
)


def written(header, lines) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()


def check(found) -> None:
    found.assert_reconciles()
    for item in found.items:
        if isinstance(item.data, OrderInput):
            assert input_totals(item.data).total_minor == item.data.total_minor
            assert to_decimal(item.data.total_minor, item.currency) == item.amount
    numbers = [batch.number for batch in found.batches]
    assert numbers == list(range(len(numbers)))


@given(retail_rows)
def test_lines_and_amounts_of_a_line_by_line_file_are_all_accounted_for(lines):
    check(read(written(RETAIL, lines), "online_retail"))


@given(woocommerce_rows)
def test_lines_and_amounts_of_a_file_with_totals_are_all_accounted_for(lines):
    check(read(written(lines[0], [list(line.values()) for line in lines]), "woocommerce_orders"))


@given(retail_rows, st.integers(1, 50), st.integers(1, 7))
def test_the_pieces_that_a_file_comes_in_change_nothing(lines, drip, size):
    text = written(RETAIL, lines)
    assert read(text, "online_retail", drip=drip, size=size) == read(text, "online_retail", size=size)


@given(retail_rows, st.integers(0, 12), st.integers(1, 4))
def test_going_on_at_a_batch_is_the_tail_of_all_batches(lines, start, size):
    text = written(RETAIL, lines)
    whole = read(text, "online_retail", size=size)
    start = min(start, len(whole.batches))
    assert read(text, "online_retail", start=start, size=size).batches == whole.batches[start:]


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(
    st.lists(names, min_size=1, max_size=20),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    st.integers(0, 9),
)
def test_texts_are_read_as_they_were_written(texts, end, delimiter, encoding, drip):
    text = io.StringIO()
    # Python quotes the signs of its own line end and no other.
    quoting = csv.QUOTE_MINIMAL if end == "\r\n" else csv.QUOTE_ALL
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["external_id", "first_name"])
    writer.writerows([str(number), f"'{name}"] for number, name in enumerate(texts))
    # A byte order of its own is told by zeros, of which mostly Latin letters have enough.
    padded = text.getvalue() if "utf-8" in encoding or encoding == "utf-16" else text.getvalue() + end * 400
    found = read(padded.encode(encoding), "pro_customers", drip=drip)
    assert [customer.first_name for customer in found.data("customers")] == texts


@given(retail_rows)
def test_the_order_of_the_rows_of_other_invoices_changes_no_invoice(lines):
    grouped = sorted(lines, key=lambda line: line[0].strip())
    apart, together = (
        {
            (order.external_id, order.total_minor, len(order.lines))
            for order in read(written(RETAIL, each), "online_retail").data()
        }
        for each in (lines, grouped)
    )
    assert apart == together


@given(st.binary(max_size=400), st.sampled_from(sorted(BUILTINS)))
def test_any_bytes_at_all_are_read_or_refused(data, name):
    with suppress(FileRefused):
        read(data, name).assert_reconciles()


@given(st.lists(st.text(max_size=12), min_size=1, max_size=40), st.sampled_from(sorted(BUILTINS)))
def test_any_text_below_a_good_header_is_read_or_refused(texts, name):
    profile = BUILTINS[name].profile
    header = list(dict.fromkeys(columns[0] for columns in profile.columns.values()))
    body = ",".join(texts)
    with suppress(FileRefused):
        read((",".join(header) + "\n" + body + "\n").encode("utf-8", "surrogatepass"), profile).assert_reconciles()


CELLS = [
    "",
    "",
    "1",
    "1",
    "2.00",
    "0",
    "-1",
    "GBP",
    "2025-03-01 10:00:00",
    "true",
    "[]",
    "[{}]",
    "{}",
    "x" * 300,
    "=1",
    "'",
]
CELLS += [
    '[{"amount": 3}]',
    '[{"refunded_at": "1"}]',
    "é",
    "[1]",
    "9" * 30,
    "1e5",
    "1/2/2025",
    "paid",
    "a@b.example",
    "GB",
]


@given(st.sampled_from(sorted(BUILTINS)), st.randoms(use_true_random=False), st.integers(1, 6))
def test_any_cells_in_the_right_columns_are_imported_or_reported(name, random, count):
    profile = BUILTINS[name].profile
    header = list(dict.fromkeys(columns[0] for columns in profile.columns.values()))
    with suppress(FileRefused):  # of empty rows alone
        check(read(written(header, [[random.choice(CELLS) for _ in header] for _ in range(count)]), profile))


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5000)), min_size=1, max_size=8),
    st.integers(0, 100),
    st.integers(0, 100),
    st.integers(0, 900),
    st.sampled_from(["in", "on"]),
)
def test_what_a_shopify_order_says_as_a_whole_is_shared_without_loss(
    lines, discount_share, refund_share, shipping, kind
):
    """Percentages of what there is, so that most orders add up."""
    goods = sum(quantity * price for quantity, price in lines)
    discount = goods * discount_share // 100
    subtotal = goods - discount
    tax = subtotal // 6
    total = subtotal + shipping + (tax if kind == "on" else 0)
    refunded = total * refund_share // 100
    header = ["Name", "Financial Status", "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Amount"]
    header += ["Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Refunded Amount"]
    figures = [f"{amount / 100:.2f}" for amount in (subtotal, shipping, tax, total, discount)]
    head = ["#1", "paid", "EUR", *figures, "2025-10-07 09:50:27 +0200"]
    rest = ["#1", *[""] * 7, "2025-10-07 09:50:27 +0200"]
    rows = [
        [
            *(rest if place else head),
            str(quantity),
            "Thing",
            f"{price / 100:.2f}",
            "" if place else f"{refunded / 100:.2f}",
        ]
        for place, (quantity, price) in enumerate(lines)
    ]
    found = read(written(header, rows), "shopify_orders")
    check(found)
    (order,) = found.data()
    assert order.total_minor == total
    assert sum(line.discount_minor for line in order.lines) == discount
    assert sum(line.tax_minor for line in order.lines) + order.shipping_tax_minor == tax
    assert sum(line.refunded_minor for line in order.lines) + order.shipping_refunded_minor == refunded
    assert found.sum_in == {"EUR": Decimal(total) / 100}
    assert order.tax_inclusive == (kind == "in" and tax > 0)


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_a_profile_that_is_dumped_reads_the_same(name):
    profile = BUILTINS[name].profile
    assert type(profile).parse(profile.dump()) == profile
