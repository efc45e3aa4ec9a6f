import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.colours import contrast
from portal import brand

GROUNDS = {"light": ("#f6f5f2", "#ffffff", "#f1efea"), "dark": ("#131312", "#1d1c1b", "#262523")}
colours = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")
themes = st.sampled_from(brand.THEMES)


@given(colours, themes)
@example("#ffffff", "light")
@example("#000000", "dark")
@example("#f6c445", "light")
@example("#0000ff", "dark")
def test_every_colour_becomes_readable(colour, theme):
    page, card, sunken = GROUNDS[theme]
    t = brand.tokens(colour, theme)
    tint = t["--brand-tint"]
    assert contrast(t["--on-brand"], t["--brand"]) >= 4.5
    assert min(contrast(t["--brand-edge"], g) for g in (page, card, tint)) >= 3
    assert min(contrast(t["--brand-text"], g) for g in (page, card, sunken, tint)) >= 4.5


@given(colours)
def test_light_theme_keeps_the_fill_as_given(colour):
    assert brand.tokens(colour, "light")["--brand"] == colour


@given(st.text(max_size=12))
def test_anything_that_is_no_colour_becomes_the_default(text):
    light = brand.tokens(text, "light")["--brand"]
    assert light == brand.DEFAULT_COLOUR or light == text.strip().lower()


@pytest.mark.parametrize("evil", ["#12345;}", "red}body{display:none", "#1234567", "", "#GGGGGG"])
def test_stylesheet_cannot_be_broken_out_of(evil):
    assert brand.stylesheet(evil) == brand.stylesheet(brand.DEFAULT_COLOUR)


def test_known_colours_match_the_reference():
    assert brand.tokens("#0f172a", "dark")["--brand"] == "#5d6880"
    assert brand.tokens("#f6c445", "light")["--brand-text"] == "#886700"
    assert brand.tokens("#c2185b", "dark")["--brand-text"] == "#f45183"


def test_fingerprint_follows_the_colour():
    a, b = (brand.fingerprint(brand.stylesheet(c)) for c in ("#111111", "#222222"))
    assert a != b
    assert len(a) == 16
