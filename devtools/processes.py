"""All processes, as data. bin/run and tests start them from here; Dockerfile and compose.yaml say the same.

Words in braces differ from place to place. `PRODUCTION` gives the values that the container files use.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    name: str
    command: tuple[str, ...]

    def words(self, values: Mapping[str, str]) -> list[str]:
        return [word.format_map(values) for word in self.command]


WEB = Process(
    "web",
    (
        *("gunicorn", "pro_platform.wsgi:application", "--bind", "{host}:{port}"),
        *("--worker-class", "gthread", "--workers", "{web_workers}", "--threads", "8"),
        "--no-control-socket",  # its one path per user would be shared by every server on the machine
    ),
)
WORKER = Process(
    "worker",
    (
        *("celery", "-A", "pro_platform", "worker", "--concurrency", "{worker_processes}", "--loglevel", "info"),
        *("--without-mingle", "--without-gossip"),  # workers need not know each other; asking around delays the start
    ),
)
BEAT = Process("beat", ("celery", "-A", "pro_platform", "beat", "--loglevel", "info"))

# Only where DEVTOOLS is on: a Stripe server of our own, and a fresh order in the demo shop every few minutes.
STRIPE = Process("stripe", ("devtools.stripe", "--port", "{port}", "--state", "{state}"))
ARRIVALS = Process("arrivals", ("manage.py", "demo_arrivals", "--every", "180"))

PRODUCTION = {"host": "0.0.0.0", "port": "8000", "web_workers": "2", "worker_processes": "2"}  # noqa: S104 - in a container
DEVELOPMENT = {"host": "127.0.0.1", "web_workers": "2", "worker_processes": "2"}
