from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import rules


def test_pauses_grow_to_four_hours_and_end():
    pauses = [rules.next_pause(attempts) or timedelta(0) for attempts in range(1, rules.MAX_ATTEMPTS)]
    assert pauses[0] == timedelta(seconds=30)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=4)
    assert rules.next_pause(rules.MAX_ATTEMPTS) is None


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_text_on_any_colour_has_enough_contrast(rgb):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    colour = "#{:02x}{:02x}{:02x}".format(*rgb)
    light, dark = sorted((luminance(colour), luminance(rules.text_colour_on(colour))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.58


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\n  b\tc ", "a b c"), ("x" * 10, "x" * 10), ("x" * 11, "x" * 9 + "…"), ("Bcc: a\r\nb", "Bcc: a b")],
)
def test_a_subject_is_one_line(text, line):
    assert rules.one_line(text, 10) == line


def test_text_has_no_gaps():
    assert rules.tidy("\n\na\n\n\n\nb\nc\n\n") == "a\n\nb\nc\n"
