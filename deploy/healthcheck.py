"""Asked by the container runtime whether this container still does its work: healthcheck.py web|worker|beat."""

import http.client
import os
import socket
import sys
from typing import Any

import redis
from celery import Celery

HEARTBEAT_KEY = "pro:1:beat:last"  # what core.tasks.heartbeat writes through Django's cache
LONGEST_SILENCE_SECONDS = 90


def web() -> bool:
    """With a host name that the site serves: Django refuses any other, also from inside."""
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".*") or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    connection.request("GET", "/healthz", headers={"Host": host})
    return connection.getresponse().status == 200


def worker() -> bool:
    control: Any = Celery(broker=os.environ["REDIS_URL"]).control
    return bool(control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=4.0))


def beat() -> bool:
    """Beat sends the heartbeat, a worker writes it. Asking how long a key was idle does not touch it."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=4)
    idle: Any = client.object("idletime", HEARTBEAT_KEY)
    return idle is not None and int(idle) < LONGEST_SILENCE_SECONDS


CHECKS = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]]() else 1)
