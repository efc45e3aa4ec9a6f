from hypothesis import given
from hypothesis import strategies as st

from core import colours


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_text_on_any_colour_has_enough_contrast(rgb):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    colour = "#{:02x}{:02x}{:02x}".format(*rgb)
    light, dark = sorted((luminance(colour), luminance(colours.ink_on(colour))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.58
    assert round(colours.contrast(colour, colours.ink_on(colour)), 9) == round((light + 0.05) / (dark + 0.05), 9)
