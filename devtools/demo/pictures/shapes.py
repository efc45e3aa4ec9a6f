"""Flat shapes on a 64 × 64 grid. Every picture of the demo shops is put together from these."""

import math
from collections.abc import Iterable
from typing import NamedTuple


class Tones(NamedTuple):
    """One colour in three depths: lit side, body, shadow."""

    light: str
    mid: str
    dark: str


CLAY = Tones("#d98359", "#c4663f", "#a34f2d")
OAT = Tones("#ddcbae", "#c9b493", "#a38d6d")
WOOD = Tones("#c79d6d", "#a97c4f", "#86603b")
INK = Tones("#8a7867", "#7b6a58", "#5f5244")
SAGE = Tones("#a9b8ae", "#8fa097", "#6f8077")
PINE = Tones("#6fa58d", "#4f8a72", "#35664f")
LEAF = Tones("#8fb382", "#6c9563", "#4c7449")
GOLD = Tones("#ead19a", "#d8b56a", "#b08f45")
CREAM = Tones("#fbf6ea", "#f3ead6", "#ddceb0")
SLATE = Tones("#93a7af", "#6f8690", "#52676f")
ROSE = Tones("#e2b7a8", "#cb9384", "#a96f61")
PLUM = Tones("#a98fa3", "#876c82", "#675064")
GLASS = Tones("#e6efed", "#c6d7d4", "#9db4b0")
FLAME = "#e2a13a"


def num(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def path(d: str, fill: str) -> str:
    return f'<path d="{d}" fill="{fill}"/>'


def stroke(d: str, colour: str, width: float) -> str:
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{num(width)}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def rect(x: float, y: float, width: float, height: float, fill: str, rx: float = 0) -> str:
    corner = f' rx="{num(rx)}"' if rx else ""
    return f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}"{corner} fill="{fill}"/>'


def oval(cx: float, cy: float, rx: float, ry: float, fill: str) -> str:
    return f'<ellipse cx="{num(cx)}" cy="{num(cy)}" rx="{num(rx)}" ry="{num(ry)}" fill="{fill}"/>'


def dot(cx: float, cy: float, radius: float, fill: str) -> str:
    return f'<circle cx="{num(cx)}" cy="{num(cy)}" r="{num(radius)}" fill="{fill}"/>'


def turned(body: str, degrees: float, cx: float = 32, cy: float = 32) -> str:
    return f'<g transform="rotate({num(degrees)} {num(cx)} {num(cy)})">{body}</g>'


def taper(cx: float, top: float, bottom: float, top_width: float, bottom_width: float, fill: str) -> str:
    """A trapezium: lamp shades, pots, cups."""
    a, b = top_width / 2, bottom_width / 2
    return path(
        f"M{num(cx - a)} {num(top)}H{num(cx + a)}L{num(cx + b)} {num(bottom)}H{num(cx - b)}z",
        fill,
    )


def leaf(x: float, y: float, length: float, degrees: float, fill: str, width: float = 0.28) -> str:
    """A pointed leaf that grows from (x, y); 0 degrees points up, 90 to the right."""
    turn = math.radians(degrees)

    def at(along: float, across: float) -> str:
        px = x + along * math.sin(turn) + across * math.cos(turn)
        py = y - along * math.cos(turn) + across * math.sin(turn)
        return f"{num(px)} {num(py)}"

    side, tip = length * width, at(length, 0)
    return path(
        f"M{at(0, 0)}C{at(length * 0.3, -side)} {at(length * 0.75, -side)} {tip}"
        f"C{at(length * 0.75, side)} {at(length * 0.3, side)} {at(0, 0)}z",
        fill,
    )


def flame(cx: float, base: float, size: float = 1.0) -> str:
    """A candle flame whose foot stands at (cx, base)."""
    w, h = 4.5 * size, 13 * size
    return path(
        f"M{num(cx)} {num(base - h)}c{num(w * 0.7)} {num(h * 0.3)} {num(w)} {num(h * 0.46)} {num(w)} {num(h * 0.65)}"
        f"a{num(w)} {num(w)} 0 0 1 {num(-2 * w)} 0c0 {num(-h * 0.19)} {num(w * 0.3)} {num(-h * 0.35)} "
        f"{num(w)} {num(-h * 0.65)}z",
        FLAME,
    )


def svg(parts: Iterable[str]) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">{"".join(parts)}</svg>\n'
