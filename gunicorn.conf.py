"""Read by gunicorn in this folder. What is started and how: devtools/processes.py."""

import subprocess
import sys
from typing import Any

from pro_platform import env


def on_starting(server: Any) -> None:
    """What is wrong here ends gunicorn itself; found in a worker, that would be started again and again.

    The database is asked by another process: what this one loads, a reload would not load again.
    """
    env.read()
    if subprocess.run([sys.executable, "manage.py", "check_database"], check=False).returncode:
        sys.exit(1)


# A SCRIPT_NAME or PATH_INFO header would move the request to another address; no proxy of ours sends one.
forwarder_headers = ""
