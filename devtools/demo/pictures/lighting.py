"""Lamps and lanterns."""

from devtools.demo.pictures.shapes import (
    CREAM,
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
    taper,
)


def table_lamp(shade: Tones) -> list[str]:
    return [
        path("M22 16h20l6 20H16z", shade.mid),
        path("M22 16h6l-4 20h-8z", shade.light),
        rect(30, 36, 4, 12, INK.mid),
        oval(32, 50, 11, 3.5, INK.dark),
    ]


def floor_lamp(shade: Tones, wood: Tones) -> list[str]:
    return [
        stroke("M32 24 22 54M32 24l10 30", wood.mid, 2.6),
        stroke("M32 24v28", wood.dark, 2.6),
        stroke("M26.500 41h11", wood.light, 1.8),
        taper(32, 9, 25, 16, 26, shade.mid),
        path("M24 9h6l-2.500 16H19z", shade.light),
    ]


def pendant(shade: Tones) -> list[str]:
    return [
        stroke("M32 7v14", INK.dark, 1.8),
        rect(29.5, 18, 5, 6, GOLD.dark, 1),
        dot(32, 43, 5, GOLD.light),
        path("M32 23c13 0 20 9 20 20H12c0-11 7-20 20-20z", shade.mid),
        path("M32 23c-7 3-11 11-11 20h-9c0-11 7-20 20-20z", shade.light),
        rect(11, 41.5, 42, 3, shade.dark, 1.5),
    ]


def desk_lamp(shade: Tones) -> list[str]:
    return [
        stroke("M24 50 17 33 33 21", INK.mid, 3),
        dot(17, 33, 2.8, GOLD.mid),
        oval(25, 51, 12, 3.5, INK.dark),
        path("m29 16 8-5 15 15c-5 6-11 9-18 10z", shade.mid),
        path("m29 16 4-2.500L39 35l-5 1z", shade.light),
        oval(45, 32.5, 4, 3, GOLD.light),
    ]


def paper_lantern(paper: Tones) -> list[str]:
    ribs = [
        stroke(f"M{16 + inset} {y}h{32 - 2 * inset}", paper.dark, 1)
        for y, inset in ((22, 2), (29, 0), (36, 0), (43, 2))
    ]
    return [
        stroke("M32 6v8", INK.dark, 1.6),
        oval(32, 32.5, 18, 18.5, paper.mid),
        path("M32 14c-10 0-18 8-18 18.500S22 51 32 51c-6-4-9-11-9-18.500S26 18 32 14z", paper.light),
        *ribs,
        rect(25, 12.5, 14, 3.5, INK.mid, 1.5),
        rect(26, 49.5, 12, 3, INK.mid, 1.5),
    ]


def string_lights(bulb: Tones, leaves: Tones) -> list[str]:
    lights = [(13, 31), (24, 39), (37, 39), (50, 29)]
    return [
        stroke("M7 18c10 20 38 24 50-2", INK.dark, 1.8),
        *(
            leaf(x, y, 9, turn, leaves.mid)
            for x, y, turn in ((10, 22, -120), (18, 30, 60), (31, 34, -20), (44, 30, 10))
        ),
        *(leaf(x, y, 8, turn, leaves.light) for x, y, turn in ((18, 30, -70), (31, 34, 60), (54, 21, 80))),
        *(rect(x - 1.8, y - 4, 3.6, 4, INK.mid, 1) for x, y in lights),
        *(oval(x, y + 4.5, 4, 5.2, bulb.mid) for x, y in lights),
        *(oval(x - 1.2, y + 3.4, 1.4, 2.4, CREAM.light) for x, y in lights),
    ]


def filament_bulb(glow: Tones) -> list[str]:
    return [
        path("M32 9c10 0 16 7 16 15.500C48 32 41 35 39.500 42h-15C23 35 16 32 16 24.500 16 16 22 9 32 9z", GLASS.mid),
        path("M27 10.500C20 13 18.500 19 19 25c.4 5 4 8 6 12-1-8-3-17 2-26.500z", GLASS.light),
        stroke("M29 41V30l-4-8 4.500 4 2.500-6 2.500 6 4.500-4-4 8v11", glow.dark, 1.8),
        rect(25, 42, 14, 9, GOLD.mid, 1.5),
        stroke("M25.500 45.500h13M25.500 48.500h13", GOLD.dark, 1.3),
        path("M28 51h8l-2 4h-4z", INK.dark),
    ]
