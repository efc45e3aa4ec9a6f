"""Paper and desk."""

from devtools.demo.pictures.shapes import CLAY, CREAM, GOLD, INK, Tones, dot, path, rect, stroke, turned


def notebook(cover: Tones, band: Tones) -> list[str]:
    drawn = [
        rect(19, 11, 31, 43, CREAM.dark, 2),
        rect(17, 9, 31, 43, CREAM.light, 2),
        rect(15, 9, 31, 43, cover.mid, 2.5),
        rect(15, 9, 6, 43, cover.dark, 2.5),
        rect(26, 17, 14, 8, CREAM.mid, 1),
        stroke("M29 21h8", cover.dark, 1.3),
        rect(40.5, 9, 2.6, 43, band.mid),
    ]
    return [turned("".join(drawn), 8)]


def pencils(first: Tones, second: Tones, third: Tones) -> list[str]:
    def pencil(x: float, paint: Tones) -> str:
        return (
            path(f"M{x} 20l4-10 4 10z", GOLD.light)
            + path(f"M{x + 2.5} 13.800 {x + 4} 10l1.500 3.800z", INK.dark)
            + rect(x, 20, 8, 28, paint.mid)
            + rect(x, 20, 2.8, 28, paint.light)
            + rect(x, 46, 8, 3, GOLD.dark)
            + rect(x, 49, 8, 5, CLAY.light, 1.5)
        )

    return [turned(pencil(14, first), -14, 18, 54), pencil(28, second), turned(pencil(42, third), 14, 46, 54)]


def letters(paper: Tones, seal: Tones) -> list[str]:
    drawn = [
        rect(16, 9, 32, 24, CREAM.light, 1.5),
        stroke("M21 15h22M21 19.500h15", CREAM.dark, 1.4),
        rect(9, 22, 46, 29, paper.mid, 2.5),
        path("M9 49 28 34h8l19 15c-.5 1.400-1.500 2-3 2H12c-1.500 0-2.500-.6-3-2z", paper.light),
        path("M9.500 23c.4-.6 1.200-1 2-1h41c.8 0 1.600.4 2 1L32 40z", paper.dark),
        dot(32, 38.5, 4.6, seal.mid),
        path("m32 36 2 4h-4z", seal.light),
    ]
    return [turned("".join(drawn), -6)]


def clock(case: Tones) -> list[str]:
    ticks = [stroke("M32 19.500v3M32 42.500v3M19.500 32.500h3M41.500 32.500h3", INK.mid, 1.8)]
    return [
        path("M21 50 17 56h5l4-5zM43 50l4 6h-5l-4-5z", case.dark),
        dot(32, 32.5, 21, case.dark),
        dot(31.4, 31.9, 20, case.mid),
        dot(32, 32.5, 15.5, CREAM.light),
        *ticks,
        stroke("M32 32.500V24M32 32.500l6.500 4", INK.dark, 2.2),
        dot(32, 32.5, 1.8, CLAY.mid),
        rect(29, 7, 6, 5, case.dark, 1.5),
    ]
