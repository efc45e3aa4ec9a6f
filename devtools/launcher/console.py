"""What bin/run and bin/test say while they work. Standard library only: the bootstrap uses it before .venv exists."""

import os
import sys
import threading
import time
from types import TracebackType
from typing import Self

TELL_AFTER_SECONDS = 2.0


class LauncherError(Exception):
    """Something the person at the keyboard can act on; shown as one sentence, without a traceback."""


def say(text: str, end: str = "\n") -> None:
    try:
        print(text, end=end, flush=True)
    except BrokenPipeError:
        # whoever read our output has left; that is no reason to stop a running platform
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Step:
    """Times a piece of work. A step of more than two seconds says what it is doing while it does it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""
        self._is_terminal = sys.stdout.isatty()
        self._done = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._started = 0.0

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._ticker.join()
        if self._is_terminal:
            say("\r\033[K", end="")
        mark = "✓" if kind is None else "✗"
        say(f"  {mark} {self.title} ({self.seconds:.1f} s)")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def _tick(self) -> None:
        pause = TELL_AFTER_SECONDS
        while not self._done.wait(pause):
            line = f"  … {self.title}{self.detail and ': ' + self.detail} ({self.seconds:.0f} s)"
            if self._is_terminal:
                say(f"\r\033[K{line}", end="")
                pause = 0.5
            else:
                say(line)
                pause = 10.0
