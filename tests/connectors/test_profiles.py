"""Profiles say what is wrong with them, and the shipped ones hold."""

import pytest

from connectors.columns import COLUMNS
from connectors.imports.builtins import BUILTINS
from connectors.imports.fields import FIELDS, FOREIGN, REQUIRED
from connectors.imports.profile import InvalidProfile, Profile
from tests.connectors.csv_files import ORDERS, orders_profile


def faults(**changes):
    with pytest.raises(InvalidProfile) as caught:
        Profile.parse({**ORDERS, **changes})
    return caught.value.field_errors


@pytest.mark.parametrize(
    ("changes", "setting", "part"),
    [
        ({"kind": "refunds"}, "kind", "one of: orders, customers, products, gift_cards"),
        ({"colour": "red"}, "colour", "no such setting"),
        ({"encoding": "ebcdic"}, "encoding", "one of: auto, utf-8"),
        ({"delimiter": "\t"}, "delimiter", "one of: auto, ,, ;, tab, |"),
        ({"decimal": "'"}, "decimal", "one of"),
        ({"duplicates": "drop"}, "duplicates", "keep, report"),
        ({"tax_inclusive": True}, "tax_inclusive", "This is a text"),
        ({"creates_products": "yes"}, "creates_products", "true or false"),
        ({"date_formats": "iso"}, "date_formats", "list of texts"),
        ({"date_formats": []}, "date_formats", "at least one"),
        ({"date_formats": ["%H:%M"]}, "date_formats", "Not a date format: %H:%M"),
        ({"date_formats": ["dd/mm/yyyy"]}, "date_formats", "Not a date format"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "no time zone 'Mars/Olympus'"),
        ({"currency": "XXX"}, "currency", "not an ISO 4217 currency"),
        ({"currency": ""}, "currency", "Say the currency, or name its column"),
        ({"source": ""}, "source", "1 to 32"),
        ({"source": "s" * 33}, "source", "1 to 32"),
        ({"columns": []}, "columns", "set of names"),
        ({"columns": {}}, "columns", "Name the columns of: external_id or number, placed_at"),
        ({"columns": {**ORDERS["columns"], "colour": "c"}}, "columns", "no such fields: colour"),
        ({"columns": {**ORDERS["columns"], "tags": []}}, "columns", "set of names"),
        ({"constants": {"colour": "c"}}, "constants", "no such fields"),
        ({"constants": {"tags": 1}}, "constants", "set of names"),
        ({"optional": ["tags"]}, "optional", "have no column: tags"),
        ({"group_by": "number"}, "group_by", "'number' has no column"),
        ({"refund_prefix": "C", "refund_field": "tags"}, "refund_field", "'tags' has no column"),
        ({"statuses": {"done": "finished"}}, "statuses", "not finished"),
        ({"columns": {**ORDERS["columns"], "status": "s"}}, "statuses", "Say what each status means"),
    ],
)
def test_what_cannot_be_used_is_named(changes, setting, part):
    assert part in faults(**changes)[setting][0]


def test_all_faults_are_told_at_once():
    assert faults(encoding="x", decimal="x", time_zone="x").keys() == {"encoding", "decimal", "time_zone"}


def test_the_least_that_is_needed():
    with pytest.raises(InvalidProfile) as caught:
        Profile.parse({})
    assert caught.value.field_errors.keys() == {"kind", "columns"}


def test_a_constant_stands_for_a_column():
    columns = {name: column for name, column in ORDERS["columns"].items() if name != "line_quantity"}
    profile = Profile.parse({**ORDERS, "columns": columns, "constants": {"line_quantity": "1"}})
    assert profile.has("line_quantity")


def test_dumped_and_parsed_it_is_the_same():
    profile = orders_profile(
        columns={"line_sku": ["sku", "code"]},
        empty_values={"line_sku": ["-"]},
        statuses={},
        optional=["line_sku"],
        ignored_prefixes=["A", "B"],
    )
    assert Profile.parse(profile.dump()) == profile
    assert profile.dump()["columns"]["line_sku"] == ["sku", "code"]
    assert profile.dump()["columns"]["line_title"] == "name"


def test_the_shipped_ones_are_there_with_a_title():
    assert set(BUILTINS) == {
        "pro_orders",
        "pro_products",
        "pro_customers",
        "gift_card_balances",
        "online_retail",
        "shopify_orders",
        "woocommerce_orders",
    }
    assert all(shipped.title for shipped in BUILTINS.values())


def test_every_column_of_our_own_files_is_a_field_and_what_is_required_too():
    for kind, columns in COLUMNS.items():
        assert {column.name for column in columns} <= FIELDS[kind]
        assert {name for group in REQUIRED[kind] for name in group} <= FIELDS[kind]
    assert not FOREIGN.keys() & {column.name for column in COLUMNS["orders"]}
