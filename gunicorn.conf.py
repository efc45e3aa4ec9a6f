"""Read by gunicorn in this folder. What is started and how: devtools/processes.py."""

from typing import Any

from pro_platform import env


def on_starting(server: Any) -> None:
    """A wrong setting ends gunicorn itself; found in a worker, it would be started again and again."""
    env.read()


# A SCRIPT_NAME or PATH_INFO header would move the request to another address; no proxy of ours sends one.
forwarder_headers = ""
