import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    EXPONENTS,
    MAX_MINOR,
    InvalidAmount,
    UnknownCurrency,
    amount_text,
    exponent,
    parse_amount,
    split,
    to_decimal,
)

totals = st.integers(-MAX_MINOR, MAX_MINOR)
weight_lists = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)
currencies = st.sampled_from(sorted(EXPONENTS))


class TestSplit:
    @given(totals, weight_lists)
    def test_parts_add_up(self, total, weights):
        assert sum(split(total, weights)) == total

    @given(totals, weight_lists)
    def test_no_part_has_the_other_sign(self, total, weights):
        assert all(part * total >= 0 for part in split(total, weights))

    @given(totals, weight_lists)
    def test_each_part_is_within_one_unit_of_its_exact_share(self, total, weights):
        shares = weights if any(weights) else [1] * len(weights)
        whole = sum(shares)
        for part, share in zip(split(total, weights), shares, strict=True):
            assert abs(part * whole - total * share) < whole

    @given(totals, weight_lists)
    def test_a_negative_total_mirrors_the_positive_one(self, total, weights):
        assert split(-total, weights) == [-part for part in split(total, weights)]

    @given(totals, st.lists(st.integers(0, 1000), min_size=2, max_size=20))
    def test_weight_zero_gets_nothing_where_another_has_weight(self, total, weights):
        weights[0], weights[1] = 0, 1
        assert split(total, weights)[0] == 0

    @given(st.integers(0, 10**6), st.integers(1, 30))
    def test_equal_weights_favour_the_earlier_parts(self, total, count):
        parts = split(total, [7] * count)
        assert parts == sorted(parts, reverse=True)
        assert max(parts) - min(parts) <= 1

    @given(totals, weight_lists, st.integers(2, 1000))
    def test_scaling_all_weights_changes_nothing(self, total, weights, factor):
        assert split(total, [weight * factor for weight in weights]) == split(total, weights)

    def test_ties_go_to_the_earlier_part(self):
        assert split(100, [1, 1, 1]) == [34, 33, 33]
        assert split(-100, [1, 1, 1]) == [-34, -33, -33]

    def test_all_weights_zero_share_equally(self):
        assert split(5, [0, 0]) == [3, 2]

    def test_nothing_among_nobody(self):
        assert split(0, []) == []
        with pytest.raises(ValueError, match="nothing to share"):
            split(1, [])

    def test_negative_weights_are_refused(self):
        with pytest.raises(ValueError, match="negative"):
            split(10, [1, -1])


class TestAmounts:
    @given(totals, currencies)
    def test_round_trip_through_text(self, minor, currency):
        assert parse_amount(amount_text(minor, currency), currency) == minor

    @given(totals, currencies)
    def test_decimal_is_exact(self, minor, currency):
        value = to_decimal(minor, currency)
        assert value.scaleb(exponent(currency)) == minor
        assert -value.as_tuple().exponent == exponent(currency)

    @given(st.text(max_size=12), currencies)
    def test_any_text_is_an_amount_or_a_clear_refusal(self, text, currency):
        try:
            minor = parse_amount(text, currency)
        except InvalidAmount:
            return
        assert amount_text(minor, currency) == text or (minor == 0 and text.startswith("-0"))

    @pytest.mark.parametrize(
        ("text", "currency", "minor"),
        [
            ("12.50", "GBP", 1250),
            ("1250", "JPY", 1250),
            ("0.001", "KWD", 1),
            ("-3.20", "EUR", -320),
            ("0.00", "USD", 0),
        ],
    )
    def test_good(self, text, currency, minor):
        assert parse_amount(text, currency) == minor

    @pytest.mark.parametrize(
        ("text", "currency"),
        [
            ("12.5", "GBP"),
            ("12", "GBP"),
            ("12.500", "GBP"),
            ("1250.00", "JPY"),
            ("1250.", "JPY"),
            ("1.25", "KWD"),
            ("", "GBP"),
            (" 1.00", "GBP"),
            ("1.00\n", "GBP"),
            ("+1.00", "GBP"),
            ("1,00", "GBP"),
            ("1_0.00", "GBP"),
            ("007.00", "GBP"),
            ("1e2", "JPY"),
            ("NaN", "GBP"),
            ("Infinity", "GBP"),
            ("١٢.٥٠", "GBP"),
            ("--1.00", "GBP"),
            ("10000000000.01", "GBP"),
            ("9" * 400, "JPY"),
        ],
    )
    def test_bad(self, text, currency):
        with pytest.raises(InvalidAmount):
            parse_amount(text, currency)

    def test_the_refusal_says_how_to_write_it(self):
        with pytest.raises(InvalidAmount, match=r'GBP amounts have exactly 2 decimals\. Write it like "12\.00"\.'):
            parse_amount("12.5", "GBP")
        with pytest.raises(InvalidAmount, match=r'JPY amounts have no decimals\. Write it like "12"\.'):
            parse_amount("12.00", "JPY")

    @pytest.mark.parametrize("currency", ["XXX", "gbp", "", "XAU", "£"])
    def test_unknown_currency(self, currency):
        with pytest.raises(UnknownCurrency):
            exponent(currency)
