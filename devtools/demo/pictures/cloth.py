"""Textiles."""

from devtools.demo.pictures.shapes import CREAM, INK, WOOD, Tones, dot, path, rect, stroke, turned


def throw(wool: Tones, stripe: Tones) -> list[str]:
    fringe = [stroke(f"M{x} 46v6", wool.dark, 1.6) for x in range(14, 52, 4)]
    return [
        *fringe,
        rect(11, 34, 42, 13, wool.dark, 3),
        rect(11, 24, 42, 13, wool.mid, 5),
        rect(11, 14, 42, 13, wool.light, 5),
        rect(17, 14, 4, 33, stripe.mid),
        rect(24, 14, 2, 33, stripe.light),
        stroke("M12 26.500h40M12 36.500h40", wool.dark, 1.2),
    ]


def cushion(cloth: Tones, trim: Tones) -> list[str]:
    return [
        path("M11 13c7 3 35 3 42 0-3 8-3 30 0 38-7-3-35-3-42 0 3-8 3-30 0-38z", cloth.mid),
        path("M11 13c4 1.600 9 2 14 2.200-3 9-3 25 0 33.600-5 .2-10 .6-14 2.200 3-8 3-30 0-38z", cloth.light),
        stroke("M33 17v30M39 17v30M45 17v30", trim.mid, 1.6),
        stroke("M11 13c7 3 35 3 42 0-3 8-3 30 0 38-7-3-35-3-42 0 3-8 3-30 0-38z", cloth.dark, 1.4),
    ]


def towels(cloth: Tones, stripe: Tones) -> list[str]:
    return [
        stroke("M9 13h46", WOOD.mid, 3.4),
        path("M15 11.500h16v38H15z", cloth.mid),
        path("M34 11.500h16v33H34z", cloth.light),
        rect(15, 11.5, 4, 38, cloth.light),
        rect(46, 11.5, 4, 33, cloth.mid),
        rect(15, 38, 16, 2.6, stripe.mid),
        rect(15, 43, 16, 2.6, stripe.mid),
        *(rect(34, y, 16, 1.6, stripe.dark) for y in (33, 36.5, 40)),
    ]


def waffle_towel(cloth: Tones) -> list[str]:
    grid = [stroke(f"M{x} 17v36", cloth.dark, 1) for x in (22, 27, 32, 37, 42)]
    rows = [stroke(f"M18.500 {y}h27", cloth.dark, 1) for y in (22, 27, 32, 37, 42, 47)]
    return [
        stroke("M32 15c-5-9 5-9 0 0", cloth.dark, 2),
        dot(32, 8, 3, WOOD.dark),
        rect(17, 14, 30, 40, cloth.mid, 2.5),
        rect(17, 14, 9, 40, cloth.light, 2.5),
        *grid,
        *rows,
        rect(17, 14, 30, 4, CREAM.mid, 2),
        rect(17, 50, 30, 4, CREAM.mid, 2),
    ]


def rug(wool: Tones, stripe: Tones) -> list[str]:
    def fringe(x: float, dx: float) -> list[str]:
        return [stroke(f"M{x} {y}h{dx}", CREAM.dark, 1.4) for y in range(23, 48, 4)]

    zigzag = "m14 35 5-5 5 5 5-5 5 5 5-5 5 5 5-5"
    body = [
        *fringe(11, -4),
        *fringe(53, 4),
        rect(11, 20, 42, 30, wool.mid, 1.5),
        rect(11, 20, 42, 5, stripe.mid),
        rect(11, 45, 42, 5, stripe.mid),
        stroke(zigzag, stripe.dark, 2),
        stroke(zigzag.replace("m14 35", "m14 42"), CREAM.mid, 2),
    ]
    return [turned("".join(body), -10)]


def apron(cloth: Tones) -> list[str]:
    return [
        stroke("M25 19C22 4 42 4 39 19", cloth.dark, 2.2),
        stroke("M18 32c-6 2-8 8-6 13M46 32c6 2 8 8 6 13", cloth.dark, 2.2),
        path("M24 17h16l2 11c1 2 4 3 6 4v20a3 3 0 0 1-3 3H19a3 3 0 0 1-3-3V32c2-1 5-2 6-4z", cloth.mid),
        path("M24 17h5l-1 38h-9a3 3 0 0 1-3-3V32c2-1 5-2 6-4z", cloth.light),
        rect(24, 36, 16, 10, cloth.dark, 1.5),
        stroke("M32 36.500v9", cloth.mid, 1.4),
    ]


def oven_mitt(cloth: Tones, cuff: Tones) -> list[str]:
    body = [
        path("M21 44V22c0-8 4-14 11-14s11 6 11 14v5c2-4 9-6 10-1 1 4-5 10-10 13v5z", cloth.mid),
        path("M21 44V22c0-7 3-12.500 8-13.700-3 4-3 9-3 13.700v22z", cloth.light),
        stroke("M27 18c4 3 8 3 12 0M27 26c4 3 8 3 12 0M27 34c4 3 8 3 12 0", cloth.dark, 1.3),
        rect(19, 43, 26, 11, cuff.mid, 2.5),
        rect(19, 43, 6, 11, cuff.light, 2.5),
        stroke("M45 48c5-1 5 5 0 4", INK.dark, 1.6),
    ]
    return [turned("".join(body), -8)]


def tote(cloth: Tones, leaf: Tones) -> list[str]:
    return [
        stroke("M23 26V16c0-8 18-8 18 0v10", cloth.dark, 3),
        path("M14 23h36l3 28a3 3 0 0 1-3 3H14a3 3 0 0 1-3-3z", cloth.mid),
        path("M14 23h6l-3 31h-3a3 3 0 0 1-3-3z", cloth.light),
        stroke("M32 48V33", leaf.dark, 1.8),
        path("M32 40c-6 0-8-4-8-7 5 0 8 2 8 7zM32 36c0-5 3-7 8-7 0 4-2 7-8 7z", leaf.mid),
        stroke("M14.500 26h35", cloth.dark, 1.2),
    ]
