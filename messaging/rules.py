"""Pure decisions of the mail room: when to try again, and how text is tidied."""

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


def one_line(text: str, limit: int) -> str:
    """A subject: no line breaks, no runs of spaces, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def tidy(text: str) -> str:
    """Text as people write it: at most one empty line in a row, whatever the template's conditions left behind."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
