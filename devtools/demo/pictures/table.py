"""Things for the table and the kitchen."""

from devtools.demo.pictures.shapes import (
    CLAY,
    CREAM,
    GLASS,
    GOLD,
    INK,
    WOOD,
    Tones,
    dot,
    oval,
    path,
    rect,
    stroke,
    taper,
    turned,
)


def mug(glaze: Tones) -> list[str]:
    return [
        stroke("M41 26h5a6 6 0 0 1 0 14h-5", glaze.dark, 4),
        path("M18 20h24v22a6 6 0 0 1-6 6H24a6 6 0 0 1-6-6z", glaze.mid),
        path("M18 20h5v27.900A6 6 0 0 1 18 42z", glaze.light),
        oval(30, 20, 12, 3, INK.mid),
        rect(18, 35, 24, 4, glaze.dark),
    ]


def bowl(glaze: Tones) -> list[str]:
    return [
        rect(25, 45, 14, 5, glaze.dark, 1.5),
        path("M11 26h42c0 13-8 21-21 21S11 39 11 26z", glaze.mid),
        path("M11 26h9c0 9 4 16 10 20.900C18 46 11 38 11 26z", glaze.light),
        oval(32, 26, 21, 5, glaze.dark),
        oval(32, 26.6, 17.5, 3.4, CREAM.dark),
    ]


def plate(glaze: Tones) -> list[str]:
    return [
        dot(32, 33, 22.5, glaze.dark),
        dot(32, 32, 22.5, glaze.mid),
        dot(32, 32, 15, glaze.light),
        stroke("M15 30a17.500 17.500 0 0 1 9-13.500", CREAM.light, 1.8),
        dot(27, 36, 0.9, glaze.dark),
        dot(38, 29, 1.1, glaze.dark),
        dot(35, 39, 0.7, glaze.dark),
    ]


def tray(glaze: Tones) -> list[str]:
    return [
        oval(32, 36, 23, 12, glaze.dark),
        oval(32, 34, 23, 12, glaze.light),
        oval(32, 34, 17, 8, glaze.mid),
        dot(26, 33, 3, GOLD.mid),
        dot(36, 35, 4, CLAY.mid),
    ]


def carafe(water: Tones) -> list[str]:
    return [
        path("M26 10h12l-2 12c-.4 5 10 10 10 20 0 7-5 11-14 11s-14-4-14-11c0-10 10.400-15 10-20z", GLASS.mid),
        path("M20 36h24c1.400 2 2 4 2 6 0 7-5 11-14 11s-14-4-14-11c0-2 .6-4 2-6z", water.light),
        path("M28 12h3l-1 11c-.6 5-7 9-7 19 0 3 .6 5 2 7-5-2-7-5-7-7 0-10 10.400-15 10-20z", GLASS.light),
        oval(32, 10, 6.5, 2, GLASS.dark),
    ]


def tumblers(water: Tones) -> list[str]:
    def glass(x: float, y: float) -> list[str]:
        return [
            taper(x, y, y + 24, 19, 15, GLASS.mid),
            taper(x, y + 10, y + 24, 17.3, 15, water.light),
            taper(x - 5.5, y, y + 24, 4, 3.4, GLASS.light),
            oval(x, y, 9.5, 2.4, GLASS.dark),
            oval(x, y + 0.3, 7.8, 1.5, GLASS.light),
        ]

    return [*glass(41, 19), *glass(24, 27)]


def teapot(glaze: Tones) -> list[str]:
    return [
        stroke("M18 31C8 29 7 43 19 42", glaze.dark, 3.6),
        path("M43 37c6 0 5-9 12-13l2 2.500C52 31 53 42 44 44z", glaze.dark),
        path("M32 21c10 0 15 7 15 15 0 9-6 14-15 14s-15-5-15-14c0-8 5-15 15-15z", glaze.mid),
        path(
            "M27 21.500c-4 4-6 9-6 14.500 0 6 2 10 6 13.500-6-1.500-10-6-10-13.500 0-7 3.500-13 10-14.500z", glaze.light
        ),
        rect(23, 20, 18, 3.4, glaze.dark, 1.7),
        rect(30.7, 16, 2.6, 5, glaze.dark),
        dot(32, 14.5, 3, WOOD.light),
        rect(25, 49, 14, 2.6, glaze.dark, 1.3),
    ]


def pour_over(glaze: Tones) -> list[str]:
    return [
        path("M21 33h22l3 14c.6 4-2 6-5 6H23c-3 0-5.600-2-5-6z", GLASS.mid),
        path("M19 43h26l1 4c.6 4-2 6-5 6H23c-3 0-5.600-2-5-6z", INK.dark),
        stroke("M45 37c8-1 9 10 1 11", WOOD.mid, 2.6),
        rect(19, 29.5, 26, 4, WOOD.mid, 2),
        taper(32, 12, 29.5, 32, 10, glaze.mid),
        path("M16 12h10l4.500 17.500H27z", glaze.light),
        path("M18.500 12 21 8h22l2.500 4z", CREAM.dark),
    ]


def coffee_filters(paper: Tones) -> list[str]:
    def sheet(dx: float, dy: float, fill: str) -> str:
        return path(f"M{10 + dx} {17 + dy}c9-4 29-4 38 0L{36 + dx} {46 + dy}c-3 2-11 2-14 0z", fill)

    return [
        sheet(6, 3, paper.dark),
        sheet(3, 1.5, paper.mid),
        sheet(0, 0, paper.light),
        stroke("M16 22.500c8-2.500 18-2.500 26 0", paper.dark, 1.2),
        stroke("m22.500 41 13-.2", paper.dark, 1.2),
    ]


def board(wood: Tones) -> list[str]:
    body = [
        path(
            "M28 6h8a3 3 0 0 1 3 3v9h5a4 4 0 0 1 4 4v30a4 4 0 0 1-4 4H20a4 4 0 0 1-4-4"
            "V22a4 4 0 0 1 4-4h5V9a3 3 0 0 1 3-3z",
            wood.mid,
        ),
        rect(16, 18, 7, 38, wood.light, 3.5),
        dot(32, 11.5, 2.4, wood.dark),
        stroke("M29 25c2 8-2 15 0 25M36 24c-2 9 3 15 0 26M42 26c-1 6 1 14 0 22", wood.dark, 1.2),
    ]
    return [turned("".join(body), 18)]


def napkins(cloth: Tones, band: Tones) -> list[str]:
    return [
        rect(13, 23, 38, 27, cloth.dark, 2),
        rect(13, 19, 38, 27, cloth.mid, 2),
        rect(13, 15, 38, 27, cloth.light, 2),
        stroke("M16.500 18.500h31v20h-31z", cloth.mid, 1.2),
        rect(27, 14, 10, 37, band.mid),
        rect(27, 14, 3, 37, band.light),
    ]


def spoons(wood: Tones) -> list[str]:
    def spoon(fill: Tones) -> str:
        return rect(30.4, 26, 3.2, 30, fill.mid, 1.6) + oval(32, 19, 6.5, 10, fill.mid) + oval(32, 19, 4, 7, fill.dark)

    fork = rect(30.4, 26, 3.2, 30, wood.light, 1.6) + path(
        "M26 9h2.600v10h2.100V9h2.600v10h2.100V9H38v13a6 6 0 0 1-12 0z", wood.light
    )
    return [turned(spoon(wood), -24, 32, 60), turned(fork, 24, 32, 60), spoon(WOOD)]


def jar(fill: Tones, lid: Tones) -> list[str]:
    return [
        rect(17, 19, 30, 35, GLASS.mid, 5),
        path("M17 33c6-3 10 2 15 0s10-2 15 0v16a5 5 0 0 1-5 5H22a5 5 0 0 1-5-5z", fill.mid),
        rect(20, 21, 4, 30, GLASS.light, 2),
        rect(19, 11, 26, 9, lid.mid, 2.5),
        rect(19, 11, 8, 9, lid.light, 2.5),
        rect(17, 18.5, 30, 3, GLASS.dark, 1.5),
    ]


def cake_stand(glaze: Tones) -> list[str]:
    return [
        path("M29 38h6l2 11c3 .6 6 1.600 6 3.500H21c0-1.900 3-2.900 6-3.500z", glaze.dark),
        path("M18 22h28v11H18z", CREAM.mid),
        path(
            "M18 22c0-5 28-5 28 0v4c-2 0-2 4-4 4s-2-3-4.500-3-2 5-4.500 5-2-4-4.500"
            "-4-2 3-4.500 3-2-5-3.500-5-1-1-2.500-1z",
            CLAY.light,
        ),
        oval(32, 34, 22, 4.6, glaze.mid),
        oval(32, 33, 22, 4.2, glaze.light),
        path("M18 31h28v2c-8 2.600-20 2.600-28 0z", CREAM.mid),
        dot(32, 16, 3, CLAY.dark),
    ]
