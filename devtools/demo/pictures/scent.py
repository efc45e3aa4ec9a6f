"""Candles and scent."""

from devtools.demo.pictures.shapes import (
    CREAM,
    FLAME,
    GLASS,
    GOLD,
    INK,
    SLATE,
    WOOD,
    Tones,
    dot,
    flame,
    oval,
    path,
    rect,
    stroke,
    turned,
)

WICK = "#4d4338"


def pillar_candle(wax: Tones) -> list[str]:
    return [
        flame(32, 23),
        rect(31.2, 20, 1.6, 5, WICK),
        rect(22, 25, 20, 26, wax.mid, 2),
        rect(22, 25, 5, 26, wax.light, 2),
        rect(22, 34, 20, 10, CREAM.mid),
        stroke("M27 39h10", wax.dark, 1.4),
    ]


def taper_candles(wax: Tones) -> list[str]:
    return [
        flame(24, 17, 0.8),
        flame(40, 22, 0.8),
        path("M22.300 18h3.400L28 48h-8z", wax.mid),
        path("M22.300 18h1.300L23 48h-3z", wax.light),
        path("M38.300 23h3.400L44 48h-8z", wax.dark),
        path("M38.300 23h1.300L39 48h-3z", wax.mid),
        rect(17, 46, 14, 6, GOLD.mid, 2),
        rect(33, 46, 14, 6, GOLD.mid, 2),
        rect(13, 51, 38, 3, GOLD.dark, 1.5),
    ]


def jar_candle(wax: Tones) -> list[str]:
    return [
        flame(32, 20, 0.85),
        rect(31.2, 19, 1.6, 6, WICK),
        rect(17, 20, 30, 32, GLASS.mid, 4),
        path("M17 27c5-2.500 25-2.500 30 0v21a4 4 0 0 1-4 4H21a4 4 0 0 1-4-4z", wax.mid),
        rect(17, 22, 5, 30, wax.light, 2.5),
        rect(23, 33, 18, 13, CREAM.light, 1.5),
        path("m32 35 4.500 7.500h-9z", wax.dark),
        oval(32, 20.5, 15, 2.6, GLASS.dark),
        oval(32, 20.9, 12.5, 1.7, GLASS.light),
        rect(31.2, 15.5, 1.6, 5.5, WICK),
    ]


def candlestick(metal: Tones, wax: Tones) -> list[str]:
    return [
        flame(32, 15, 0.75),
        path("M29.600 16h4.800l.6 15h-6z", wax.mid),
        path("M29.600 16h1.800l-.4 15h-2z", wax.light),
        rect(26, 30, 12, 4, metal.dark, 2),
        rect(30, 34, 4, 14, metal.mid),
        dot(32, 39.5, 4.4, metal.mid),
        dot(30.5, 38.4, 1.6, metal.light),
        path("M24 49c0-2 5-3 8-3s8 1 8 3z", metal.mid),
        oval(32, 50.5, 14, 3.6, metal.dark),
        oval(32, 49.6, 14, 3, metal.mid),
        stroke("M45 48.500c6-4 9 3 2 3.500", metal.dark, 2),
    ]


def diffuser(oil: Tones) -> list[str]:
    return [
        stroke("M30 34 18 8M31 34 26 6M32.500 34l1-28M34 34l8-26M35 34 48 12", WOOD.mid, 1.8),
        rect(27, 27, 10, 8, GLASS.mid),
        path("M27 33h10c1 4 10 5 10 12v5a4 4 0 0 1-4 4H21a4 4 0 0 1-4-4v-5c0-7 9-8 10-12z", GLASS.mid),
        path("M18 43h28l1 2v5a4 4 0 0 1-4 4H21a4 4 0 0 1-4-4v-5z", oil.mid),
        path("M27 35c-1 3-7 5-7 10v6c0 1 .4 2 1 3a4 4 0 0 1-4-4v-5c0-7 9-8 10-12z", GLASS.light),
        rect(26, 26.5, 12, 3, INK.dark, 1),
    ]


def refill_bottle(oil: Tones) -> list[str]:
    return [
        rect(27, 8, 10, 8, INK.dark, 1.5),
        path("M28 16h8v4c0 4 8 5 8 11v19a4 4 0 0 1-4 4H24a4 4 0 0 1-4-4V31c0-6 8-7 8-11z", oil.mid),
        path("M28 16h2.500v4.500c0 4-6 5-6 10.500v23H24a4 4 0 0 1-4-4V31c0-6 8-7 8-11z", oil.light),
        rect(20, 33, 24, 14, CREAM.mid),
        stroke("M25 38h14M25 42h9", oil.dark, 1.5),
    ]


def incense(box: Tones) -> list[str]:
    smoke = "M47 22c-4-3 3-5 0-8s2-4 1-7"
    return [
        stroke(smoke, SLATE.light, 1.6),
        stroke("M47 26 39 49", WOOD.dark, 1.6),
        dot(47, 25.5, 1.6, FLAME),
        turned(
            rect(15, 15, 14, 34, box.mid, 1.5)
            + rect(15, 15, 4, 34, box.light, 1.5)
            + rect(18, 24, 8, 14, CREAM.mid, 1),
            -12,
            22,
            40,
        ),
        stroke("M19 15.500 17 8M22.500 14.500 21.500 6.500M26 14 26.500 7", WOOD.mid, 1.8),
        path("M27 50h26l-3 4H30z", INK.dark),
        oval(40, 50, 13, 2, INK.mid),
    ]


def matches(box: Tones) -> list[str]:
    def match(x: float, y: float) -> str:
        return rect(x - 0.9, y, 1.8, 26, GOLD.light) + oval(x, y, 2, 3, "#a34f2d")

    return [
        turned(match(26, 12), -8, 26, 40),
        match(31, 9),
        turned(match(36, 11), 7, 36, 40),
        turned(match(41, 14), 14, 41, 42),
        rect(18, 28, 28, 26, box.mid, 2),
        rect(18, 28, 6, 26, box.light, 2),
        rect(18, 46, 28, 5, INK.dark),
        dot(33, 37, 5, CREAM.mid),
        path("m33 33.500 3 5.500h-6z", box.dark),
    ]


def wick_trimmer(metal: Tones) -> list[str]:
    return [
        path("M44 7c2 9-4 18-10 26l-4-3C35 23 41 16 44 7z", metal.dark),
        path("M20 7c-2 9 4 18 10 26l4-3C29 23 23 16 20 7z", metal.mid),
        stroke("M31 31 24 43", metal.dark, 3.6),
        stroke("M33 31l7 12", metal.mid, 3.6),
        oval(21, 48.5, 6, 6.5, metal.dark),
        oval(21, 48.5, 2.8, 3.4, WICK),
        oval(43, 48.5, 6, 6.5, metal.mid),
        oval(43, 48.5, 2.8, 3.4, WICK),
        dot(32, 31, 2.2, INK.dark),
    ]
