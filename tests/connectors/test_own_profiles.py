"""The profiles of our own files read every column that the exports write, and need no more than a shop must know."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from connectors.columns import COLUMNS
from connectors.imports.own import OWN_PROFILES
from connectors.imports.profile import Profile
from connectors.imports.survey import survey
from connectors.management.commands.docs_columns import _BEGIN, _END
from orders.inputs import OrderInput

PROFILES = [Profile.parse(settings) for _, settings in OWN_PROFILES.values()]


@pytest.mark.parametrize("profile", PROFILES, ids=list(OWN_PROFILES))
def test_each_column_is_read_under_its_own_name(profile):
    for_reading = {"discount", "tax", "refunded"} if profile.kind == "orders" else set()
    assert set(profile.columns) == {column.name for column in COLUMNS[profile.kind]} - for_reading
    assert all(columns == (name,) for name, columns in profile.columns.items())
    assert profile.unquotes_formulas


def test_one_for_each_kind():
    assert {profile.kind for profile in PROFILES} == set(COLUMNS)


def test_the_guide_lists_the_columns_that_there_are():
    call_command("docs_columns", "--check")


def test_a_stale_guide_is_told(tmp_path, settings):
    (tmp_path / "docs").mkdir()
    guide = tmp_path / "docs" / "importing.md"
    guide.write_text(f"Before.\n\n{_BEGIN}\nold\n{_END}\n\nAfter.\n")
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="not current"):
        call_command("docs_columns", "--check")
    call_command("docs_columns")
    call_command("docs_columns", "--check")
    assert guide.read_text().startswith("Before.\n")
    assert guide.read_text().endswith("\n\nAfter.\n")


MADE_BY_HAND = """external_id;customer_email;currency;placed_at;line_title;line_quantity;line_unit_price
7;ada@mail.example;EUR;2026-03-01 10:00;Kiln tray;2;12.50
7;;;;Lamp;1;40.00
"""


def test_a_file_of_ones_own_needs_no_more_than_the_needed_columns():
    profile = Profile.parse(OWN_PROFILES["pro_orders"][1])
    with survey(io.BytesIO(MADE_BY_HAND.encode()), profile, zone_default="Europe/Berlin") as found:
        [batch] = found.batches()
    assert batch.notes == ()
    [item] = batch.items
    order = item.data
    assert isinstance(order, OrderInput)
    assert (order.source, order.external_id, order.number, order.version) == ("custom", "7", "7", None)
    assert order.placed_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert [line.unit_price_minor for line in order.lines] == [1250, 4000]
    assert order.total_minor == 6500
    assert order.customer is not None
    assert order.customer.external_id == "ada@mail.example"
