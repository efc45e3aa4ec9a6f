"""One process that the launcher started: how to start it, wait until it is ready, stop it, kill it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devtools.launcher.account import Account
from devtools.launcher.console import LauncherError
from devtools.launcher.identity import Identity

POLL_SECONDS = 0.05
LOG_LIMIT_BYTES = 5_000_000


@dataclass(frozen=True)
class Program:
    """What to run. `trouble` is asked until it returns no reason why the process cannot do its work yet."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    trouble: Callable[[], str]
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    start_seconds: float = 60.0
    is_server: bool = False  # others need it, so it is stopped last


class StartError(LauncherError):
    """A process ended, or did not answer in time, while it was being started."""


@dataclass
class Child:
    program: Program
    started_at: float = 0.0
    identity: Identity | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _is_cleared: bool = False

    def start(self) -> None:
        """The child leads its own session: a Ctrl-C for the launcher does not reach it, a kill reaches all of it."""
        program = self.program
        _make_room(program.log)
        account = program.account
        with program.log.open("ab") as log:
            self.started_at = time.time()
            log.write(f"--- {program.name} started at {time.strftime('%Y-%m-%d %H:%M:%S')}\n".encode())
            log.flush()
            self._process = subprocess.Popen(
                program.command,
                cwd=program.folder,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        self._is_cleared = False
        self.identity = Identity.of(self._process.pid)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.program.name} was never started")
        return self._process.pid

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def ending(self) -> str:
        code = self._process.poll() if self._process else None
        if code is None:
            return "still runs"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.program.start_seconds
        while trouble := self.program.trouble():
            if not self.is_running():
                raise StartError(f"{self.program.name} {self.ending} while starting{self.log_tail()}")
            if time.monotonic() > deadline:
                raise StartError(
                    f"{self.program.name} was not ready within {self.program.start_seconds:.0f} s: "
                    f"{trouble}{self.log_tail()}"
                )
            time.sleep(POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Only the leader is told: gunicorn, celery and PostgreSQL take their own children down in good order."""
        if self.is_running() and self._process:
            self._process.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        """SIGKILL for the process and everything in its session group; returns when the process is gone."""
        if self._process is None or self._is_cleared:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except PermissionError:
            self._process.kill()
        self._process.wait()
        self._is_cleared = True  # from here on its number may belong to somebody else

    def stop(self) -> None:
        self.ask_to_stop()
        self.await_end(time.monotonic() + self.program.stop_seconds)

    def await_end(self, deadline: float) -> None:
        """Waits until the deadline (time.monotonic), then kills what is left of the process group."""
        while self.is_running() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self.kill()

    def keep_log_small(self) -> None:
        """While it runs: the file is copied and emptied, because the process keeps it open and appends to it.

        A line that is written between the two is lost; a log without an end would cost the disk.
        """
        log = self.program.log
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)

    def log_tail(self, lines: int = 8) -> str:
        try:
            text = self.program.log.read_text(errors="replace")
        except OSError:
            return "."
        tail = text.strip().splitlines()[-lines:]
        return f"; {self.program.log} ends:\n    " + "\n    ".join(tail)


def _make_room(log: Path) -> None:
    """Keeps the log of earlier starts until it is large, then one generation of it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
