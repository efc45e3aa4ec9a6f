"""Read by gunicorn in this folder. What is started and how: devtools/processes.py."""

from typing import Any

from pro_platform import env


def on_starting(server: Any) -> None:
    """A wrong setting ends gunicorn itself; found in a worker, it would be started again and again."""
    env.read()


# A caller could move the request to another address with a SCRIPT_NAME or PATH_INFO header; no proxy of ours sends them.
forwarder_headers = ""
