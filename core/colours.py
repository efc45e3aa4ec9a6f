"""Contrast of colours (#rrggbb) as WCAG 2.x counts it."""

_INKS = ("#ffffff", "#000000")


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue from 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def linear(channel: float) -> float:
    """A channel as light, without sRGB's curve."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """1 to 21."""
    low, high = sorted(_luminance(colour) + 0.05 for colour in (a, b))
    return high / low


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on `colour`; the contrast is always at least 4.58."""
    return max(_INKS, key=lambda ink: contrast(ink, colour))


def _luminance(colour: str) -> float:
    red, green, blue = map(linear, channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
