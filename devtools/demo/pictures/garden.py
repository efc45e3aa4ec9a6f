"""Vases, pots and green things."""

from collections.abc import Sequence

from devtools.demo.pictures.shapes import (
    CREAM,
    GOLD,
    LEAF,
    ROSE,
    WOOD,
    Tones,
    dot,
    leaf,
    oval,
    path,
    rect,
    stroke,
    taper,
)


def bud_vase(glaze: Tones, flower: Tones) -> list[str]:
    petals = [leaf(35, 13, 7.5, turn, flower.mid if turn % 120 else flower.light, 0.42) for turn in range(0, 360, 60)]
    return [
        stroke("M32 36c0-8 1-14 3-21", LEAF.dark, 1.8),
        leaf(32.5, 26, 10, -60, LEAF.mid),
        *petals,
        dot(35, 13, 2.6, GOLD.mid),
        path("M29 31h6v6c0 3 8 5 8 11 0 4-4 6-11 6s-11-2-11-6c0-6 8-8 8-11z", glaze.mid),
        path("M29 31h2v6c0 4-5 5-5 11 0 3 1 4.500 3 5.900-5-.4-8-2-8-5.900 0-6 8-8 8-11z", glaze.light),
        rect(27.5, 29.5, 9, 3, glaze.dark, 1.5),
    ]


def tall_vase(glaze: Tones, stems: Tones) -> list[str]:
    berries = [(20, 12), (26, 8), (33, 11), (40, 7), (45, 14), (29, 17), (38, 17)]
    return [
        *(stroke(f"M32 34 {x} {y}", stems.dark, 1.3) for x, y in berries),
        *(dot(x, y, 3.1, stems.mid) for x, y in berries),
        *(dot(x - 0.9, y - 0.9, 1.1, stems.light) for x, y in berries),
        path("M26 27h12c-1 6 6 9 6 16 0 6-3 9-5 11H25c-2-2-5-5-5-11 0-7 7-10 6-16z", glaze.mid),
        path("M26 27h4c0 6-5 9-5 16 0 6 1 9 3 11h-3c-2-2-5-5-5-11 0-7 7-10 6-16z", glaze.light),
        stroke("M22.300 41h19.400M22 45h20", glaze.dark, 1.4),
    ]


def pot(glaze: Tones) -> list[str]:
    return [
        taper(32, 24, 48, 32, 22, glaze.mid),
        path("M16 24h8l2 24h-5z", glaze.light),
        rect(13, 16, 38, 10, glaze.dark, 2),
        rect(13, 16, 12, 10, glaze.mid, 2),
        oval(32, 50, 17, 3.6, glaze.dark),
        oval(32, 49, 17, 3, glaze.light),
        taper(32, 40, 49, 25.3, 21.5, glaze.mid),
    ]


def small_pot(glaze: Tones) -> list[str]:
    return [
        taper(32, 40, 55, 22, 16, glaze.mid),
        path("M21 40h6l1.500 15H24z", glaze.light),
        rect(19, 36, 26, 6, glaze.dark, 1.5),
    ]


def fern(glaze: Tones, green: Tones) -> list[str]:
    def frond(curve: Sequence[tuple[float, float]], turn: float, fill: str) -> list[str]:
        return [
            part
            for x, y in curve
            for part in (leaf(x, y, 7.5, turn - 62, fill, 0.3), leaf(x, y, 7.5, turn + 62, fill, 0.3))
        ]

    left = [(28, 31), (24, 25), (19, 20), (14, 18)]
    right = [(36, 31), (40, 25), (45, 20), (50, 18)]
    middle = [(32, 30), (32, 23), (32, 16)]
    return [
        stroke("M32 38C27 24 20 19 11 18M32 38c5-14 12-19 21-20M32 38V10", green.dark, 1.5),
        *frond(left, -50, green.mid),
        *frond(right, 50, green.mid),
        *frond(middle, 0, green.light),
        leaf(32, 14, 7, 0, green.light),
        *small_pot(glaze),
    ]


def snake_plant(glaze: Tones, green: Tones) -> list[str]:
    def blade(tip_x: float, tip_y: float, base_x: float) -> list[str]:
        outline = (
            f"M{base_x - 3.5} 38C{base_x - 6} 28 {tip_x - 3} 20 {tip_x} {tip_y}"
            f"C{tip_x + 3} 20 {base_x + 5} 28 {base_x + 3.5} 38z"
        )
        return [
            path(outline, green.mid),
            stroke(f"M{base_x} 37C{base_x} 28 {tip_x} 22 {tip_x} {tip_y + 6}", green.dark, 1.3),
            stroke(outline, GOLD.light, 0.9),
        ]

    return [*blade(19, 15, 26), *blade(45, 13, 38), *blade(32, 6, 32), *small_pot(glaze)]


def watering_can(metal: Tones) -> list[str]:
    return [
        stroke("M26 27C24 12 44 10 46 30", metal.dark, 3),
        path("M23 40 10 24l3-2.500L25 31z", metal.dark),
        path("m6.500 25.500 8-7.500 2.500 3-8 7.500z", metal.mid),
        path("M23 26h25l2 25a3 3 0 0 1-3 3H24a3 3 0 0 1-3-3z", metal.mid),
        path("M23 26h6l-2 28h-3a3 3 0 0 1-3-3z", metal.light),
        oval(35.5, 26, 12.5, 2.8, metal.dark),
        rect(21.5, 45, 28, 2.4, metal.dark),
    ]


def dried_bunch(stalks: Tones) -> list[str]:
    ears = [(-26, 17), (-13, 10), (0, 7), (13, 10), (26, 17)]
    drawn: list[str] = []
    for degrees, top in ears:
        x = 32 + degrees * 0.72
        drawn.append(stroke(f"M32 42 {x:.1f} {top + 12}", stalks.dark, 1.4))
        for step in range(4):
            y = top + 13 - step * 4
            drawn += [
                leaf(x, y, 6.5, degrees - 40, stalks.mid, 0.34),
                leaf(x, y, 6.5, degrees + 40, stalks.light, 0.34),
            ]
    return [
        *drawn,
        path("M19 31 32 41l13-10-6 24H25z", WOOD.light),
        path("M19 31 32 41l-4 14h-3z", CREAM.dark),
        stroke("M26.500 46h11", ROSE.dark, 2.4),
    ]


def seed_packet(paper: Tones, flower: Tones) -> list[str]:
    petals = [leaf(32, 29, 8, turn, flower.mid if turn % 90 else flower.light, 0.4) for turn in range(0, 360, 45)]
    return [
        rect(17, 9, 30, 46, paper.mid, 1.5),
        rect(17, 9, 30, 7, paper.dark, 1.5),
        stroke("M32 46V33", LEAF.dark, 1.8),
        leaf(32, 43, 9, -55, LEAF.mid),
        leaf(32, 41, 9, 55, LEAF.mid),
        *petals,
        dot(32, 29, 3.2, GOLD.dark),
        stroke("M23 50.500h18", paper.dark, 2),
    ]
