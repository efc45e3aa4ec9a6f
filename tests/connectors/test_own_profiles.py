"""The profiles of our own files read every column that the exports write, and need no more than a shop must know."""

import pytest
from django.core.management import CommandError, call_command

from connectors.columns import COLUMNS
from connectors.imports.own import OWN_PROFILES
from connectors.imports.profile import Profile
from connectors.management.commands.docs_columns import _BEGIN, _END

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
