"""A command that ends by itself: run to its end, its last line shown as progress, all of its output in a log."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from devtools.launcher.console import LauncherError, Step
from devtools.launcher.places import ROOT


def run_task(title: str, words: Sequence[str], environment: Mapping[str, str], log: Path) -> str:
    """Returns what the command printed. An interruption takes the command with it."""
    with Step(title) as step, log.open("w") as file:
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        lines = []
        try:
            for line in cast("IO[str]", process.stdout):
                file.write(line)
                lines.append(line)
                step.detail = line.strip()[:100]
            status = process.wait()
        except BaseException:  # also StopRequested: whatever ends the launcher ends the command
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    if status:
        tail = "".join(f"    {line}" for line in lines[-12:])
        raise LauncherError(f"{title.lower()} failed with status {status}; {log} ends:\n{tail.rstrip()}")
    return "".join(lines)
