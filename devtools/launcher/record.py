"""What a running launcher keeps on disk, to tell the next one who runs here, or what a killed one left behind."""

import fcntl
import json
import os
import signal
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from devtools.launcher.child import Child
from devtools.launcher.console import LauncherError
from devtools.launcher.identity import Identity, descendants_of_run, end_all

PATIENCE_SECONDS = 10.0


@dataclass
class Record:
    """`lock` is held as long as the launcher lives: the system lets go of it however the launcher ends."""

    folder: Path
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    _lock: IO[str] | None = field(default=None, repr=False)

    @property
    def _processes(self) -> Path:
        return self.folder / "processes.json"

    def claim(self) -> None:
        """Raises with one sentence when another launcher has this folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = (self.folder / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip() or "starting up"
            lock.close()
            raise LauncherError(f"PRO Platform already runs from this checkout ({owner}).") from None
        self._lock = lock
        self.describe(f"process {os.getpid()}")

    def describe(self, text: str) -> None:
        """What a second bin/run tells about this one."""
        if self._lock:
            self._lock.seek(0)
            self._lock.truncate()
            self._lock.write(text)
            self._lock.flush()

    def release(self) -> None:
        """For whoever lives on after its processes have ended."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def write(self, children: Sequence[Child]) -> None:
        draft = self._processes.with_suffix(".new")
        rows = [
            [child.identity.pid, child.identity.started, child.program.stop_signal]
            for child in children
            if child.identity
        ]
        draft.write_text(json.dumps({"run": self.run_id, "processes": rows}))
        draft.replace(self._processes)

    def forget(self) -> None:
        self._processes.unlink(missing_ok=True)

    def end_leftovers(self) -> int:
        """Stops what a killed launcher left running; tells how many processes that were. Only with the lock held."""
        try:
            left = json.loads(self._processes.read_text())
            named = [(Identity(int(pid), str(mark)), signal.Signals(ask)) for pid, mark, ask in left["processes"]]
            run_id = str(left["run"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0  # none, or a file cut short by a crash of the machine, which took the processes with it
        # Newest first, as in an orderly stop: the database goes last.
        alive = [(identity, ask) for identity, ask in reversed(named) if identity.is_alive()]
        for identity, ask in alive:
            end_all([identity], PATIENCE_SECONDS, ask)
        strays = list(descendants_of_run(run_id))
        end_all(strays, PATIENCE_SECONDS)
        self.forget()
        return len(alive) + len(strays)
