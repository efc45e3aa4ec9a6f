"""Walls and corners."""

from devtools.demo.pictures.shapes import (
    CLAY,
    CREAM,
    GLASS,
    GOLD,
    INK,
    SLATE,
    WOOD,
    Tones,
    dot,
    oval,
    path,
    rect,
    stroke,
)


def mirror(frame: Tones) -> list[str]:
    return [
        stroke("M25 14 32 7l7 7", INK.mid, 1.8),
        dot(32, 7, 2, GOLD.dark),
        dot(32, 34.6, 21, frame.dark),
        dot(32, 34, 21, frame.mid),
        dot(32, 34, 17, GLASS.mid),
        path("M20 42 40 19.200A17 17 0 0 1 44 22L23.500 46.500A17 17 0 0 1 20 42z", GLASS.light),
        stroke("M29 50.500 48 28", GLASS.light, 1.6),
    ]


def hook_rail(wood: Tones, metal: Tones) -> list[str]:
    hooks = [stroke(f"M{x} 27v9a4 4 0 0 0 8 0", metal.dark, 2.8) for x in (12, 28, 44)]
    return [
        rect(7, 18, 50, 11, wood.mid, 2.5),
        rect(7, 18, 50, 4, wood.light, 2),
        *hooks,
        *(dot(x, 26, 2.2, metal.mid) for x in (12, 28, 44)),
        stroke("M31 40c-2 6-4 9-3 13h8c1-4-1-7-3-13", CLAY.mid, 2.4),
        path("M26 46h12l1 9H25z", CLAY.mid),
        path("M26 46h4l-1 9h-4z", CLAY.light),
    ]


def basket(weave: Tones) -> list[str]:
    rows = [stroke(f"M{13 + i * 0.9:.1f} {32 + i * 5}h{38 - i * 1.8:.1f}", weave.dark, 1.3) for i in range(4)]
    posts = [stroke(f"M{x} 28 {32 + (x - 32) * 0.84:.1f} 52", weave.light, 1.6) for x in range(17, 50, 6)]
    return [
        stroke("M17 27c-5-8 5-12 7-3M47 27c5-8-5-12-7-3", weave.dark, 2.8),
        path("M12 27h40l-4 24a4 4 0 0 1-4 3H20a4 4 0 0 1-4-3z", weave.mid),
        *posts,
        *rows,
        oval(32, 27, 20.5, 4.2, weave.dark),
        oval(32, 27.4, 17, 2.6, INK.dark),
    ]


def frame(wood: Tones) -> list[str]:
    return [
        rect(12, 9, 40, 46, wood.dark, 2),
        rect(12, 9, 39, 45, wood.mid, 2),
        rect(16, 13, 32, 38, CREAM.light),
        rect(20, 17, 24, 30, SLATE.light),
        dot(36.5, 25, 4, GOLD.light),
        path("m20 40 8-11 6 8 4-5 6 8v7H20z", SLATE.dark),
        path("m20 43 10-4 14 5v3H20z", CREAM.dark),
    ]


def stool(wood: Tones) -> list[str]:
    return [
        stroke("M20 26 14 54M44 26l6 28", wood.dark, 3.4),
        stroke("M26 26 24 52M38 26l2 26", wood.mid, 3.2),
        stroke("M18.500 40h27", WOOD.light, 2.4),
        oval(32, 23, 20, 5.6, wood.dark),
        oval(32, 21, 20, 5.6, wood.mid),
        oval(32, 20.4, 15, 3.4, wood.light),
    ]
