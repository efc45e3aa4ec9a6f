"""Recognises a process for certain, so that nothing is ever signalled that this launcher did not start.

A process id alone proves nothing: the number may belong to another program by now. The id together with the moment
the process began names one process for good.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")
RUN_VARIABLE = "PRO_LAUNCHER_RUN"  # set in every child; its descendants inherit it


@dataclass(frozen=True)
class Identity:
    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        started = _start_mark(pid)
        return cls(pid, started) if started else None

    def is_alive(self) -> bool:
        return _start_mark(self.pid) == self.started

    def signal(self, number: signal.Signals) -> None:
        if self.is_alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


def _start_mark(pid: int) -> str | None:
    """Changes with every process that gets this id, also after a reboot. None when there is none, or only a zombie."""
    if PROC.joinpath("self", "stat").exists():
        try:
            stat = PROC.joinpath(str(pid), "stat").read_text()
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and parentheses
        boot = PROC.joinpath("sys/kernel/random/boot_id").read_text().strip()
        return None if fields[0] in {"Z", "X"} else f"{boot}:{fields[19]}"
    done = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607 - where ps lives differs
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = done.stdout.strip().partition(" ")
    return started.strip() or None if state and not state.startswith("Z") else None


def descendants_of_run(run_id: str) -> Iterator[Identity]:
    """Every process of a run, also grandchildren whose parent is gone. Empty where the system has no /proc."""
    wanted = f"{RUN_VARIABLE}={run_id}".encode()
    for folder in PROC.glob("[0-9]*"):
        try:
            variables = folder.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in variables and int(folder.name) != os.getpid():
            identity = Identity.of(int(folder.name))
            if identity:
                yield identity


def end_all(identities: Iterable[Identity], patience: float, ask: signal.Signals = signal.SIGTERM) -> None:
    """Asks first, then insists."""
    alive = [identity for identity in identities if identity.is_alive()]
    for number, seconds in ((ask, patience), (signal.SIGKILL, 5.0)):
        for identity in alive:
            identity.signal(number)
        deadline = time.monotonic() + seconds
        while (alive := [identity for identity in alive if identity.is_alive()]) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not alive:
            return
