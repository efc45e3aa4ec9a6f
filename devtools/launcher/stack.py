"""Real processes of the application for tests: start them, kill them, start them again.

    with Stack(tmp_path, database_url=url, redis_url=redis_url) as stack:
        stack.start("stripe", "worker", "web")      # returns when each is ready
        httpx.get(f"{stack.url}/healthz")
        stack.kill("worker")                        # SIGKILL, with all its children; returns when it is gone
        stack.start("worker")                       # again, on the same port and with the same state
    # all of them are stopped here

Names are those of devtools/processes.py: web, worker, beat, stripe, arrivals. The database must be migrated. Two stacks
at the same time need two databases and two Redis numbers (`redis://…/7`), else they take each other's tasks.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from devtools.launcher.child import Child, Program
from devtools.launcher.ports import LOOPBACK, free_port
from devtools.launcher.programs import STRIPE_KEY, Programs

POLL_SECONDS = 0.05


class Stack:
    def __init__(
        self, folder: Path, *, database_url: str, redis_url: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.web_port, self.stripe_port = free_port(), free_port()
        self.environment = {
            **os.environ,
            "PRO_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "pro_platform.settings",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PUBLIC_URL": self.url,
            "STRIPE_API_KEY": STRIPE_KEY,
            "STRIPE_API_BASE": self.stripe_url,
            "WEB_CONCURRENCY": "1",
            # in tests the settings take the Redis number from this variable: ours, not that of the calling process
            "PYTEST_XDIST_WORKER": f"gw{urlsplit(redis_url).path.strip('/') or 0}",
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        self._children: dict[str, Child] = {}

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.web_port}"

    @property
    def stripe_url(self) -> str:
        return f"http://{LOOPBACK}:{self.stripe_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children.values():
            child.ask_to_stop()
        deadline = time.monotonic() + 10
        for child in reversed(self._children.values()):
            child.await_end(deadline)

    def start(self, *names: str) -> None:
        """All at once, then waits for each. Raises StartError with the end of its log when one does not come up."""
        started = []
        for name in names:
            if name in self._children and self._children[name].is_running():
                raise ValueError(f"{name} is already running")
            self._children[name] = Child(self._program(name))
            self._children[name].start()
            started.append(self._children[name])
        for child in started:
            child.wait_until_ready()

    def stop(self, name: str) -> None:
        """SIGTERM, as a deployment does."""
        self._children[name].stop()

    def kill(self, name: str) -> None:
        """SIGKILL to the process and its children, as when a machine dies."""
        self._children[name].kill()

    def restart(self, name: str) -> None:
        self.kill(name)
        self.start(name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """To the main process only, e.g. SIGSTOP to make it hang."""
        os.kill(self._children[name].pid, number)

    def is_running(self, name: str) -> bool:
        return name in self._children and self._children[name].is_running()

    def log(self, name: str) -> str:
        return self._children[name].program.log.read_text(errors="replace")

    def _program(self, name: str) -> Program:
        programs = Programs(self.environment, self.folder)
        makers: dict[str, Callable[[], Program]] = {
            "web": lambda: programs.web(self.web_port),
            "worker": programs.worker,
            "beat": programs.beat,
            "stripe": lambda: programs.stripe(self.stripe_port, self.folder / "stripe"),
            "arrivals": programs.arrivals,
        }
        return makers[name]()


def wait_until(condition: Callable[[], object], seconds: float = 30.0, what: str = "the condition") -> None:
    """For tests: asks again and again until the condition holds; raises TimeoutError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(POLL_SECONDS)
