"""Keeps a set of processes running until told to stop: starts, waits, restarts what falls over, stops all in order."""

import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from devtools.launcher.child import Child, Program
from devtools.launcher.console import say
from devtools.launcher.identity import descendants_of_run, end_all
from devtools.launcher.record import Record

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LOG_SECONDS = 60.0  # how often logs are looked at
STEADY_SECONDS = 30.0  # a process that has run this long has earned a quick restart again


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM, or a closed terminal. Not an Exception: nothing but the launcher's end may swallow it."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turns the first stop signal into StopRequested; later ones are ignored."""

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise StopRequested(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Stopping is bounded in time; a second Ctrl-C must not leave half of it undone."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class Watched:
    child: Child
    pause: float = FIRST_PAUSE
    restart_at: float | None = None


@dataclass
class Supervisor:
    record: Record
    watched: list[Watched] = field(default_factory=list)

    def start(self, program: Program) -> Child:
        child = Child(program)
        self.watched.append(Watched(child))
        self._start(child)
        return child

    def wait_for(self, children: Sequence[Child]) -> None:
        for child in children:
            child.wait_until_ready()

    def watch(self) -> None:
        """Returns only by an exception, normally StopRequested. Sleeps until a child ends or a restart is due."""
        with _woken_by_child_signals() as wake:
            while True:
                for watched in self.watched:
                    self.look_after(watched)
                due = [watched.restart_at for watched in self.watched if watched.restart_at is not None]
                wake(max(0.0, min([time.monotonic() + LOG_SECONDS, *due]) - time.monotonic()))

    def stop(self) -> None:
        """All that depend on the servers are told at once, the servers when those have ended."""
        with undisturbed():
            for group in (self._clients(), self._servers()):
                for child in group:
                    child.ask_to_stop()
                now = time.monotonic()
                for child in group:
                    child.await_end(now + child.program.stop_seconds)
            end_all(descendants_of_run(self.record.run_id), patience=0.0)
            self.record.forget()

    def _clients(self) -> list[Child]:
        return [each.child for each in reversed(self.watched) if not each.child.program.is_server]

    def _servers(self) -> list[Child]:
        return [each.child for each in reversed(self.watched) if each.child.program.is_server]

    def _start(self, child: Child) -> None:
        child.start()
        self.record.write([each.child for each in self.watched])

    def look_after(self, watched: Watched) -> None:
        child = watched.child
        child.keep_log_small()
        if watched.restart_at is None and not child.is_running():
            ran = time.time() - child.started_at
            watched.pause = FIRST_PAUSE if ran > STEADY_SECONDS else min(watched.pause * 2, LONGEST_PAUSE)
            watched.restart_at = time.monotonic() + watched.pause
            child.kill()  # what is left of its group would hold its port
            say(f"  ! {child.program.name} {child.ending}; starting it again in {watched.pause:.0f} s")
        elif watched.restart_at is not None and time.monotonic() >= watched.restart_at:
            watched.restart_at = None
            self._start(child)


@contextmanager
def _woken_by_child_signals() -> Iterator[Callable[[float], None]]:
    """A sleep that ends at once when a child ends, without the race between looking and going to sleep."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    handler = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # a handler must exist for the wake-up byte
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)

    def wake(seconds: float) -> None:
        if select.select([reader], [], [], seconds)[0]:
            reader.recv(4096)

    try:
        yield wake
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGCHLD, handler)
        reader.close()
        writer.close()
