"""Portal colours from one merchant colour.

Contrast is WCAG 2.x; lightness moves in OKLCH so that the hue stays the merchant's own.
Every colour is accepted: where it would be hard to see, it is moved just far enough.
"""

import hashlib
import math
import re
from collections.abc import Iterator

from core.colours import channels, contrast, ink_on, linear

DEFAULT_COLOUR = "#1f5c4a"
THEMES = ("light", "dark")
# page, card, sunken area, share of the fill in the tint; the same values stand in portal.css
_GROUNDS = {
    "light": ("#f6f5f2", "#ffffff", "#f1efea", 0.08),
    "dark": ("#131312", "#1d1c1b", "#262523", 0.16),
}
_STEP = {"light": -0.01, "dark": 0.01}
_HEX = re.compile(r"#[0-9a-f]{6}")


def tokens(colour: str, theme: str) -> dict[str, str]:
    """The five brand tokens of one theme. An unreadable colour becomes the default one."""
    brand = colour.strip().lower()
    if not _HEX.fullmatch(brand):
        brand = DEFAULT_COLOUR
    page, card, sunken, share = _GROUNDS[theme]
    step = _STEP[theme]
    fill = brand if theme == "light" else _reach(brand, (page, card), 3, step)
    tint = _hex(*(a * share + b * (1 - share) for a, b in zip(channels(fill), channels(card), strict=True)))
    return {
        "--brand": fill,
        "--on-brand": ink_on(fill),
        "--brand-edge": _reach(fill, (page, card, tint), 3, step),
        "--brand-text": _reach(brand, (page, card, sunken, tint), 4.5, step),
        "--brand-tint": tint,
    }


def stylesheet(colour: str) -> str:
    light, dark = ("".join(f"{name}:{value};" for name, value in tokens(colour, theme).items()) for theme in THEMES)
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def fingerprint(css: str) -> str:
    return hashlib.sha256(css.encode()).hexdigest()[:16]


def _hex(*channels: float) -> str:
    return "#" + "".join(f"{round(min(1, max(0, v)) * 255):02x}" for v in channels)


def _gamma(v: float) -> float:
    return 12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055


def _oklch(colour: str) -> tuple[float, float, float]:
    r, g, b = map(linear, channels(colour))
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    x = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    y = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short, math.hypot(x, y), math.atan2(y, x)


def _srgb(lightness: float, chroma: float, hue: float) -> Iterator[float]:
    x, y = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * x + 0.2158037573 * y) ** 3
    medium = (lightness - 0.1055613458 * x - 0.0638541728 * y) ** 3
    short = (lightness - 0.0894841775 * x - 1.2914855480 * y) ** 3
    yield 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    yield -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    yield -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short


def _from_oklch(lightness: float, chroma: float, hue: float) -> str:
    while True:  # give up chroma, never hue, to stay inside sRGB
        linear = list(_srgb(lightness, chroma, hue))
        if chroma <= 0 or all(-0.0005 <= v <= 1.0005 for v in linear):
            return _hex(*(_gamma(max(0, v)) for v in linear))
        chroma -= 0.004


def _reach(colour: str, grounds: tuple[str, ...], ratio: float, step: float) -> str:
    """Move lightness by `step` until `ratio` holds on every ground."""
    lightness, chroma, hue = _oklch(colour)
    while min(contrast(colour, ground) for ground in grounds) < ratio and 0 <= lightness <= 1:
        lightness += step
        colour = _from_oklch(min(1, max(0, lightness)), chroma, hue)
    return colour
