"""Bath and care."""

from devtools.demo.pictures.shapes import (
    CREAM,
    GLASS,
    GOLD,
    INK,
    WOOD,
    Tones,
    dot,
    leaf,
    oval,
    path,
    rect,
    stroke,
    turned,
)


def soap_bar(soap: Tones, band: Tones) -> list[str]:
    return [
        dot(45, 16, 4, GLASS.mid),
        dot(44, 15, 1.3, GLASS.light),
        dot(37, 11, 2.4, GLASS.mid),
        dot(52, 23, 2.2, GLASS.mid),
        rect(10, 27, 44, 23, soap.dark, 8),
        rect(10, 23, 44, 23, soap.mid, 8),
        rect(14, 25.5, 30, 4, soap.light, 2),
        path("M26 23h13v27H26z", band.mid),
        path("M26 23h4v27h-4z", band.light),
        leaf(32.5, 43, 13, 0, band.dark),
    ]


def pump_bottle(glass: Tones) -> list[str]:
    return [
        path("M25 9h13c3 0 5 2 5 5h-4c0-1-.6-1.500-1.500-1.500H34V20h-4v-7.500h-5z", INK.dark),
        rect(26, 19, 12, 5, INK.mid, 1.5),
        path("M25 24h14c6 2 8 5 8 10v17a4 4 0 0 1-4 4H21a4 4 0 0 1-4-4V34c0-5 2-8 8-10z", glass.mid),
        path("M25 24h4c-5 3-7 6-7 10v21h-1a4 4 0 0 1-4-4V34c0-5 2-8 8-10z", glass.light),
        rect(23, 35, 18, 14, CREAM.mid, 1),
        leaf(32, 46.5, 9, -28, glass.dark),
        leaf(32, 46.5, 9, 28, glass.mid),
    ]


def tube(body: Tones) -> list[str]:
    drawn = [
        path("M21 10h22l-3 34H24z", body.mid),
        path("M21 10h7l1 34h-5z", body.light),
        rect(20, 7, 24, 5, body.dark, 1.5),
        rect(25, 44, 14, 10, CREAM.mid, 2),
        stroke("M29 45.500v7M32 45.500v7M35 45.500v7", CREAM.dark, 1),
        stroke("M27.500 25h9M28 29h6", CREAM.light, 1.8),
    ]
    return [turned("".join(drawn), 22)]


def soap_dish(wood: Tones, soap: Tones) -> list[str]:
    return [
        rect(18, 21, 28, 18, soap.mid, 7),
        rect(22, 23.5, 18, 3.4, soap.light, 1.7),
        rect(9, 38, 46, 7, wood.mid, 2.5),
        *(rect(x, 38, 3, 4, wood.dark, 1) for x in (15, 23, 31, 39, 47)),
        rect(14, 45, 6, 6, wood.dark, 1),
        rect(44, 45, 6, 6, wood.dark, 1),
    ]


def bath_salts(salt: Tones) -> list[str]:
    grains = [(24, 33), (29, 31), (35, 33), (40, 31), (26, 49), (32, 50), (38, 49)]
    return [
        path("M20 18h24v3c3 1 5 4 5 8v21a4 4 0 0 1-4 4H19a4 4 0 0 1-4-4V29c0-4 2-7 5-8z", GLASS.mid),
        path("M15 31h34v19a4 4 0 0 1-4 4H19a4 4 0 0 1-4-4z", salt.light),
        *(dot(x, y, 1.5, salt.mid) for x, y in grains),
        rect(21, 36, 22, 11, CREAM.light, 1),
        stroke("M26 40h12M28 43.500h8", salt.dark, 1.4),
        path("M22 10h20l-1.500 9h-17z", WOOD.light),
        path("M22 10h7l-.5 9h-5z", WOOD.mid),
        stroke("M20.500 20.500h23", GOLD.dark, 1.8),
    ]


def dish_brush(wood: Tones, bristle: Tones) -> list[str]:
    drawn = [
        *(stroke(f"M{x} 41v11", bristle.dark, 2.4) for x in range(23, 43, 3)),
        *(stroke(f"M{x} 41v9", bristle.light, 1.2) for x in (24.5, 30.5, 36.5)),
        rect(19.5, 32, 25, 10, wood.mid, 5),
        oval(32, 34.5, 10, 1.6, wood.light),
        rect(30, 8, 4.4, 25, wood.mid, 2.2),
        rect(30, 8, 1.8, 25, wood.light, 0.9),
        stroke("M32 8c-4-6 4-6 0 0", INK.dark, 1.5),
    ]
    return [turned("".join(drawn), 24)]
