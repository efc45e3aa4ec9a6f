"""The profiles of our own files read every column that the exports write, and need no more than a shop must know."""

import pytest

from connectors.columns import COLUMNS
from connectors.imports.own import OWN_PROFILES
from connectors.imports.profile import Profile

PROFILES = [Profile.parse(settings) for _, settings in OWN_PROFILES.values()]


@pytest.mark.parametrize("profile", PROFILES, ids=list(OWN_PROFILES))
def test_each_column_is_read_under_its_own_name(profile):
    for_reading = {"discount", "tax", "refunded"} if profile.kind == "orders" else set()
    assert set(profile.columns) == {column.name for column in COLUMNS[profile.kind]} - for_reading
    assert all(columns == (name,) for name, columns in profile.columns.items())
    assert profile.unquotes_formulas


def test_one_for_each_kind():
    assert {profile.kind for profile in PROFILES} == set(COLUMNS)
