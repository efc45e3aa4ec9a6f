"""Turns the data in devtools/processes.py into programs that can be started, each with a cheap test of being ready."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from devtools import processes
from devtools.launcher.child import Program
from devtools.launcher.places import ROOT
from devtools.launcher.ports import LOOPBACK, accepts_connections
from devtools.launcher.valkey import client_of
from devtools.processes import Process

STRIPE_KEY = "sk_test_development"  # our own server takes any
# What core.tasks.heartbeat writes through Django's cache: beat sent the task and a worker ran it.
HEARTBEAT_KEY = "pro:1:beat:last"
NOT_THERE = (redis.RedisError, OperationalError, OSError)


@dataclass(frozen=True)
class Programs:
    """The application's processes for one environment (DATABASE_URL, REDIS_URL, …) and one folder of logs."""

    environment: Mapping[str, str]
    logs: Path

    @property
    def redis_url(self) -> str:
        return self.environment["REDIS_URL"]

    def web(self, port: int, host: str = LOOPBACK) -> Program:
        return self._program(
            processes.WEB, {"port": str(port), "host": host}, lambda: web_trouble(reachable(host), port)
        )

    def worker(self) -> Program:
        # 30 s: a task that is being worked on may finish; what is not finished then is delivered again
        return self._program(processes.WORKER, {}, lambda: worker_trouble(self.redis_url), stop_seconds=30.0)

    def beat(self) -> Program:
        last_seen = heartbeat(self.redis_url)
        return self._program(processes.BEAT, {}, lambda: beat_trouble(self.redis_url, last_seen))

    def stripe(self, port: int, state: Path) -> Program:
        return self._program(processes.STRIPE, {"port": str(port), "state": str(state)}, lambda: port_trouble(port))

    def arrivals(self) -> Program:
        return self._program(processes.ARRIVALS, {}, str)

    def _program(
        self, process: Process, values: Mapping[str, str], trouble: Callable[[], str], stop_seconds: float = 10.0
    ) -> Program:
        defaults = {**processes.DEVELOPMENT}
        if self.environment.get("WEB_CONCURRENCY"):
            defaults["web_workers"] = self.environment["WEB_CONCURRENCY"]
        return Program(
            name=process.name,
            command=executable(process.words({**defaults, **values})),
            environment=self.environment,
            folder=ROOT,
            log=self.logs / f"{process.name}.log",
            trouble=trouble,
            stop_seconds=stop_seconds,
        )


def executable(words: list[str]) -> tuple[str, ...]:
    """Runs a module or a script with this very Python, whatever PATH says."""
    return (sys.executable, *words) if words[0].endswith(".py") else (sys.executable, "-m", *words)


def reachable(host: str) -> str:
    """The address under which a server that listens on `host` can be asked from here."""
    return LOOPBACK if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound


def web_trouble(host: str, port: int) -> str:
    try:
        response = httpx.get(f"http://{host}:{port}/readyz", timeout=3.0, trust_env=False)
    except httpx.HTTPError as error:
        return str(error)
    return "" if response.status_code == 200 else response.text


def worker_trouble(redis_url: str) -> str:
    return "" if worker_answers(redis_url) else "no answer to a ping"


def worker_answers(redis_url: str) -> bool:
    """The ping that `celery inspect ping` sends, without starting a second Python for it."""
    with Celery(broker=redis_url, set_as_current=False) as app:
        control: Any = app.control
        try:
            return bool(control.ping(timeout=1.0, limit=1))
        except NOT_THERE:
            return False


def beat_trouble(redis_url: str, last_seen: bytes | None) -> str:
    return "no new heartbeat" if heartbeat(redis_url) in {None, last_seen} else ""


def port_trouble(port: int) -> str:
    return "" if accepts_connections(port) else f"nothing listens on port {port}"


def heartbeat(redis_url: str) -> bytes | None:
    client = client_of(redis_url)
    try:
        value: Any = client.get(HEARTBEAT_KEY)
    except redis.RedisError:
        return None
    finally:
        client.close()
    return value if isinstance(value, bytes) else None
