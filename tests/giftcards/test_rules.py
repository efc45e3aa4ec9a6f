"""Codes, however they were printed or typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftcards.rules import normalise_code

plain_codes = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=6, max_size=32)


@given(plain_codes, st.sampled_from(["-", " ", "  ", "‑", "–", "."]), st.integers(1, 6))
def test_dress_and_case_do_not_matter(code, between, size):
    dressed = between.join(code[start : start + size] for start in range(0, len(code), size))
    assert normalise_code(dressed) == normalise_code(f" {dressed.lower()} ") == code


@pytest.mark.parametrize("code", ["", "  ", "-----", "12345", "A" * 65, "ÄÖÜ-123456", "12345\x006", "abc_def;1"])
def test_what_is_no_code(code):
    assert normalise_code(code) is None
