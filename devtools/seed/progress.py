"""A bar on a terminal; elsewhere a line now and then, which bin/run shows as the state of its step."""

from typing import TextIO

WIDTH = 30


class Progress:
    def __init__(self, out: TextIO, title: str, total: int) -> None:
        self._out = out
        self._title = title
        self._total = max(total, 1)
        self._done = 0
        self._is_terminal = out.isatty()

    def step(self, count: int = 1) -> None:
        before = self._done * 20 // self._total
        self._done += count
        if self._is_terminal:
            filled = WIDTH * self._done // self._total
            bar = "█" * filled + "·" * (WIDTH - filled)
            self._out.write(f"\r{self._title:<28} {bar} {self._done} of {self._total}")
            self._out.write("\n" if self._done >= self._total else "")
        elif self._done * 20 // self._total > before:
            self._out.write(f"{self._title}: {self._done} of {self._total}\n")
        self._out.flush()
