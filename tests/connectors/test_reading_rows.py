"""Hostile tables: the fault is named with its line and column, and what to do about it."""

import tracemalloc
from decimal import Decimal

import pytest

from connectors.imports.plan import FileRefused
from tests.connectors.csv_files import HEADER, orders_profile, read, rows

LINE = "1,2011-01-02,A,Name,2,1.50"


def refusal(data, profile=None):
    with pytest.raises(FileRefused) as caught:
        read(data, profile or orders_profile())
    return caught.value


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(sign):
    found = read(rows(LINE).replace(",", sign))
    assert found.data()[0].total_minor == 300


def test_excels_line_about_the_separator_is_no_header():
    assert read("sep=;\n" + rows(LINE).replace(",", ";")).items[0].lines == (3,)


def test_the_column_that_groups_rows_must_be_there():
    profile = orders_profile(columns={"number": "number"}, optional=["external_id"])
    fault = refusal(rows(LINE, header=HEADER.replace("order", "number")), profile)
    assert fault.message == "No column of the file says external_id."


def test_old_line_ends_cost_no_more_than_others():
    """A file of nothing but carriage returns: each line is looked at once."""
    text = rows(*(f"{number},2011-01-02,A,Name,2,1.50" for number in range(20_000)))
    assert read(text.replace("\n", "\r")).lines_in == 20_000


def test_a_separator_that_is_not_the_profiles_is_named_with_the_missing_columns():
    fault = refusal(rows(LINE).replace(",", ";"), orders_profile(delimiter=","))
    assert (fault.code, fault.line) == ("delimiter", 1)
    assert "separated by a semicolon; the profile expects a comma" in fault.message
    assert "missing: order, date, sku, name, quantity, price" in fault.message


def test_missing_columns_are_all_named():
    fault = refusal(rows("1,2,3,4", header="order,datum,sku,name"))
    assert fault.code == "missing_columns"
    assert "These columns are missing: date, quantity, price." in fault.message
    assert "order, datum, sku, name" in fault.message


def test_column_names_may_differ_in_case_and_spaces_and_stand_in_any_order():
    found = read(rows("1.50,2,Name,A,2011-01-02,1,x", header=" PRICE ,Quantity,name,SKU,Date,Order,more"))
    assert found.data()[0].lines[0].sku == "A"


def test_optional_columns_may_be_missing():
    profile = orders_profile(columns={"sales_channel": "channel"}, optional=["sales_channel"])
    assert read(rows(LINE), profile).data()[0].sales_channel == ""


def test_two_columns_of_one_name_are_refused_if_they_are_read():
    fault = refusal(rows(f"{LINE},9", header=f"{HEADER},Price"))
    assert (fault.code, fault.line) == ("duplicate_column", 1)
    assert "Columns 6 and 7" in fault.message
    assert read(rows(f"{LINE},8,9", header=f"{HEADER},x,x")).lines_in == 1


def test_too_many_columns_are_refused():
    fault = refusal(HEADER + "," * 100_000 + "\n")
    assert fault.code == "too_many_columns"
    assert "100,006 columns" in fault.message


def test_ten_million_columns_are_refused():
    assert refusal(rows("," * 10_000_000)).code == "row_too_long"
    assert refusal("," * 10_000_000).code == "row_too_long"


def test_a_row_with_too_few_or_too_many_cells_is_reported_with_its_order():
    found = read(rows(LINE, "1,2011-01-02,A,Name", "2,2011-01-02,A,Name,1,1,more", "3,2011-01-02,A,Name,1,1,,"))
    assert found.lines_left == {2: "order_refused", 3: "bad_row", 4: "bad_row"}
    assert [order.external_id for order in found.data()] == ["3"]
    messages = {note.line: note.message for note in found.notes}
    assert messages[3] == "The row has 4 cells, the header 6."
    assert messages[2].startswith("Line 3 of the same order cannot be read")
    found.assert_reconciles()


def test_a_row_that_belongs_to_nothing_is_reported():
    found = read(rows(",2011-01-02,A,Name,2,1.50", LINE, "x"))
    assert found.lines_left == {2: "without_key", 4: "bad_row"}
    found.assert_reconciles()


def test_rows_of_empty_cells_do_not_count():
    assert read(rows(LINE, ",,,,,", "", LINE)).lines_in == 2


def test_a_quote_that_is_not_closed_is_shown_where_it_opens():
    fault = refusal(rows(LINE, '2,2011-01-02,"A\nB","Na""me,2,1.50', LINE))
    assert (fault.code, fault.line, fault.column) == ("broken_quotes", 4, "4")
    assert "opens here is not closed" in fault.message


def test_the_place_is_right_for_each_kind_of_line_end():
    text = rows(LINE, '2,2011-01-02,"A\nB",x,"open,1')
    for end in ("\n", "\r\n", "\r"):
        fault = refusal(text.replace("\n", end))
        assert (fault.line, fault.column) == (4, "6")


def test_text_behind_a_closing_quote_is_shown():
    fault = refusal(rows(LINE, '2,2011-01-02,"A"x,Name,2,1.50'))
    assert (fault.line, fault.column) == (3, "16")
    assert "Behind a quote that closes" in fault.message


def test_a_cell_may_be_as_long_as_an_export_writes_it():
    long = "x" * 200_000
    assert read(rows(LINE, f"2,2011-01-02,A,{long},1,1")).lines_left == {3: "too_long"}


def test_quotes_in_the_middle_and_line_ends_in_cells_are_text():
    found = read(rows('1,2011-01-02,A,"Two\nlines, ""quoted""",2,1.50', '2,2011-01-02,B,5" pipe,1,1'))
    assert [order.lines[0].title for order in found.data()] == ['Two\nlines, "quoted"', '5" pipe']
    assert [item.lines for item in found.items] == [(2,), (4,)]


def test_an_order_of_very_many_lines_is_a_wrong_column():
    fault = refusal(rows(*(["1,2011-01-02,A,Name,1,1"] * 10_001)))
    assert (fault.code, fault.line, fault.column) == ("group_too_large", 2, "order")


def test_the_lines_of_a_wrong_column_are_never_all_in_memory():
    text = rows(*(["1,2011-01-02,A,Name,1,1"] * 40_000))
    tracemalloc.start()
    try:
        assert refusal(text).code == "group_too_large"
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


def test_an_order_of_very_long_lines_is_refused_as_well():
    long = "x" * 130_000
    fault = refusal(rows(LINE, *([f"2,2011-01-02,A,{long},1,1"] * 130)))
    assert (fault.code, fault.line, fault.column) == ("group_too_large", 3, "order")
    assert "16,777,216 belong together" in fault.message


def test_orders_of_very_long_lines_come_in_smaller_batches():
    long = "x" * 130_000
    found = read(rows(*(f"{number},2011-01-02,A,{long},1,1" for number in range(200))))
    assert len({batch.number for batch in found.batches}) == 2
    assert {note.code for note in found.notes} == {"too_long"}


@pytest.mark.parametrize(
    ("cells", "column", "part"),
    [
        ("2,31/02/2011,A,N,1,1", "date", "'31/02/2011' is not a date that exists, written like 2011-11-23 14:25."),
        ("2,0011-01-02,A,N,1,1", "date", "in the year 11"),
        ("2,2011-01-02,A,N,1.5,1", "quantity", "'1.5' is not a whole number"),
        ("2,2011-01-02,A,N,two,1", "quantity", "'two' is not a number"),
        ("2,2011-01-02,A,N,,1", "quantity", "There is no number"),
        ("2,2011-01-02,A,N,9999999,1", "quantity", "At most 1,000,000"),
        ('2,2011-01-02,A,N,1,"1,50"', "price", "written with a decimal comma; the profile says point"),
        ("2,2011-01-02,A,N,1,=1+1", "price", "is a formula"),
        ("2,2011-01-02,A,N,1,NaN", "price", "is not a number"),
        ("2,2011-01-02,A,N,1,1e9", "price", "is not a number"),
        ("2,2011-01-02,A,N,1,99999999999999", "price", "too large"),
        ("2,2011-01-02,A,N,1,£5", "price", "'£5' is not a number"),
        (f"2,2011-01-02,{'A' * 101},N,1,1", "sku", "101 characters; at most 100"),
    ],
)
def test_a_cell_that_cannot_be_read_is_reported_by_line_and_column_with_its_whole_order(cells, column, part):
    found = read(rows(LINE, "2,2011-01-02,A,Name,2,1.50", cells))
    note = next(note for note in found.notes if note.line == 4)
    assert (note.column, note.is_line) == (column, True)
    assert part in note.message
    assert found.lines_left.keys() == {3, 4}
    found.assert_reconciles()


@pytest.mark.parametrize(
    ("decimal", "text", "pence"),
    [
        (".", "1,234.50", 123450),
        (".", "1 234 567.5", 123456750),
        (".", "1'234", 123400),
        (",", "1.234,50", 123450),
        (",", "1234,5", 123450),
        (",", "12", 1200),
        (",", "1\u00a0234,50", 123450),
    ],
)
def test_thousands_may_be_grouped_and_decimals_follow_a_comma(decimal, text, pence):
    found = read(rows(f'1,2011-01-02,A,Name,1,"{text}"'), orders_profile(decimal=decimal))
    assert found.data()[0].total_minor == pence


def test_a_number_without_thousands_is_not_taken_for_one_with_them():
    found = read(rows('1,2011-01-02,A,Name,1,"12,34"'))
    assert found.lines_left == {2: "bad_number"}


def test_dates_are_read_as_the_profile_says_in_the_profiles_zone_or_the_shops():
    profile = orders_profile(date_formats=["%d/%m/%Y %H:%M", "iso"])
    found = read(
        rows("1,01/07/2011 12:00,A,N,1,1", "2,2011-07-01T12:00:00+05:00,A,N,1,1"), profile, zone="Europe/London"
    )
    assert [f"{order.placed_at:%H:%M %Z}" for order in found.data()] == ["11:00 UTC", "07:00 UTC"]
    named = orders_profile(time_zone="America/New_York")
    assert f"{read(rows(LINE), named, zone='UTC').data()[0].placed_at:%H:%M}" == "05:00"


def test_an_order_that_is_worth_too_much_is_reported():
    found = read(rows(*["1,2011-01-02,A,N,1000000,9999999999"] * 2))
    assert set(found.lines_left.values()) == {"too_large"}
    found.assert_reconciles()


def test_an_order_without_its_date_is_reported():
    found = read(rows("1,,A,N,1,1", "1,,B,N,1,1"))
    assert found.lines_left == {2: "bad_time", 3: "order_refused"}


def test_parts_of_a_penny_are_rounded_and_the_difference_is_told():
    found = read(rows("1,2011-01-02,A,Name,3,1.015", "1,2011-01-02,B,Name,1,0.001"))
    (order,) = found.data()
    assert [line.unit_price_minor for line in order.lines] == [102, 0]
    notes = [(note.line, note.column, note.code, note.amount, note.is_line) for note in found.notes]
    assert notes == [
        (2, "price", "rounded", Decimal("-0.015"), False),
        (3, "price", "rounded", Decimal("0.001"), False),
    ]
    found.assert_reconciles()


def test_a_currency_without_decimals_has_none():
    profile = orders_profile(currency="", columns={"currency": "cur"})
    found = read(rows("1,2011-01-02,A,N,2,150,JPY", "2,2011-01-02,A,N,1,1.2345,KWD", header=f"{HEADER},cur"), profile)
    assert [order.total_minor for order in found.data()] == [300, 1235]
    assert found.sum_in == {"JPY": Decimal(300), "KWD": Decimal("1.2345")}
    found.assert_reconciles()


def test_an_unknown_currency_is_reported():
    profile = orders_profile(currency="", columns={"currency": "cur"})
    found = read(rows("1,2011-01-02,A,N,2,150,XXX", header=f"{HEADER},cur"), profile)
    assert found.lines_left == {2: "bad_currency"}
    found.assert_reconciles()
