"""Tea, coffee and sweet things."""

from devtools.demo.pictures.shapes import (
    CREAM,
    FLAME,
    GLASS,
    GOLD,
    INK,
    Tones,
    dot,
    leaf,
    oval,
    path,
    rect,
    stroke,
    turned,
)


def tea_tin(paint: Tones) -> list[str]:
    return [
        rect(16, 19, 32, 35, paint.mid, 2.5),
        rect(16, 19, 8, 35, paint.light, 2.5),
        path("M15 12a3 3 0 0 1 3-3h28a3 3 0 0 1 3 3v8H15z", paint.dark),
        rect(28, 6, 8, 4, paint.dark, 2),
        rect(22, 27, 20, 19, CREAM.mid, 1.5),
        leaf(32, 43, 12, -32, paint.mid),
        leaf(32, 43, 12, 32, paint.dark),
        stroke("M16 20.500h32", GOLD.mid, 1.6),
    ]


def tea_box(paint: Tones) -> list[str]:
    return [
        path("M12 20 38 16v36l-26 2z", paint.mid),
        path("m38 16 9 5v28l-9 3z", paint.dark),
        path("M12 20 22 14l16 2z", paint.light),
        path("m17 27 16-2.200v17.500L17 44z", CREAM.mid),
        leaf(25, 41, 12, -22, paint.mid),
        leaf(25, 41, 12, 26, paint.dark),
        stroke("M43 33c6 0 3 9 7 11", CREAM.dark, 1.4),
        rect(46.5, 43, 8, 9, paint.light, 1),
        stroke("M48.500 47.500h4", paint.dark, 1.2),
    ]


def coffee_bag(bag: Tones, label: Tones) -> list[str]:
    return [
        path("M18 14h28l3 36a4 4 0 0 1-4 4H19a4 4 0 0 1-4-4z", bag.mid),
        path("M18 14h7l-2 40h-4a4 4 0 0 1-4-4z", bag.light),
        path("M18 9h28v6H18z", bag.dark),
        stroke("M18 17.500h28", bag.dark, 1.2),
        rect(22, 25, 21, 20, label.light, 1.5),
        turned(
            oval(32.5, 35, 5.5, 7.5, bag.dark) + stroke("M32.500 28.500c-3 4 3 8 0 13", label.light, 1.4), 24, 32.5, 35
        ),
    ]


def honey(amber: Tones) -> list[str]:
    return [
        rect(20, 21, 24, 3, GLASS.dark, 1.5),
        path("M20 23h24c4 2 5 5 5 9v17a5 5 0 0 1-5 5H20a5 5 0 0 1-5-5V32c0-4 1-7 5-9z", FLAME),
        path("M20 23h4c-3 3-4 5-4 9v22a5 5 0 0 1-5-5V32c0-4 1-7 5-9z", amber.light),
        path("m32 30 8.500 5v9.500l-8.500 5-8.500-5V35z", CREAM.light),
        path("m32 34.500 4.500 2.600v5.200L32 45l-4.500-2.700v-5.200z", FLAME),
        path("M17 20c0-8 6-12 15-12s15 4 15 12l-4 2H21z", amber.mid),
        path("M17 20c0-8 5-11.500 12-12-4 3-5 8-5 14h-3z", amber.light),
        stroke("M20 21.500h24", INK.mid, 1.8),
    ]


def biscuits(dough: Tones) -> list[str]:
    def round_biscuit(cx: float, cy: float) -> list[str]:
        holes = [(-5, -1.2), (0, -2.6), (5, -1.2), (-3.5, 2.4), (3.5, 2.4), (0, 0.8)]
        return [
            oval(cx, cy + 4, 14, 7.5, dough.dark),
            oval(cx, cy, 14, 7.5, dough.mid),
            *(dot(cx + dx, cy + dy, 0.9, dough.dark) for dx, dy in holes),
        ]

    return [*round_biscuit(24, 42), *round_biscuit(41, 45), *round_biscuit(31, 33), *round_biscuit(34, 23)]
