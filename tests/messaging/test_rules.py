from datetime import timedelta

import pytest

from messaging import rules


def test_pauses_grow_to_four_hours_and_end():
    pauses = [rules.next_pause(attempts) or timedelta(0) for attempts in range(1, rules.MAX_ATTEMPTS)]
    assert pauses[0] == timedelta(seconds=30)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=4)
    assert rules.next_pause(rules.MAX_ATTEMPTS) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\n  b\tc ", "a b c"), ("x" * 10, "x" * 10), ("x" * 11, "x" * 9 + "…"), ("Bcc: a\r\nb", "Bcc: a b")],
)
def test_a_subject_is_one_line(text, line):
    assert rules.one_line(text, 10) == line


def test_text_has_no_gaps():
    assert rules.tidy("\n\na\n\n\n\nb\nc\n\n") == "a\n\nb\nc\n"
