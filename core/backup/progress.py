"""Says what is being done, every two seconds, while something takes that long."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

TELL_EVERY_SECONDS = 2.0


class Progress:
    def __init__(self, write: Callable[[str], object]) -> None:
        self.doing = ""
        self._write = write
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._began = time.monotonic()

    def __call__(self, doing: str) -> None:
        self.doing = doing

    def __enter__(self) -> Self:
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._ticker.join()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def _tick(self) -> None:
        while not self._ended.wait(TELL_EVERY_SECONDS):
            self._write(f"… {self.doing} ({self.seconds:.0f} s)")
