"""Pure decisions of the mail room: when to try again, and which text colour a merchant's colour carries."""

import re
from datetime import timedelta

MAX_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=4)


def next_pause(attempts: int) -> timedelta | None:
    """The wait after `attempts` failures: half a minute, times four each time, at most four hours. None: give up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    times: int = 4 ** (attempts - 1)
    return min(_FIRST_PAUSE * times, _LONGEST_PAUSE)


def text_colour_on(colour: str) -> str:
    """Black or white, whichever has the higher WCAG contrast on `colour` (#rrggbb); it is always at least 4.58."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def one_line(text: str, limit: int) -> str:
    """A subject: no line breaks, no runs of spaces, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def tidy(text: str) -> str:
    """Text as people write it: at most one empty line in a row, whatever the template's conditions left behind."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
