"""Commands that end by themselves: with a log and their last line as progress, or with our terminal."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from devtools.launcher.console import LauncherError, Step
from devtools.launcher.places import ROOT
from devtools.launcher.supervisor import StopRequested

DETAIL_LENGTH = 100
STOP_SECONDS = 20.0
# The last line that the command printed says in one sentence why it will not; the rest of its log tells no more.
REFUSED = 78


def run_task(title: str, words: Sequence[str], environment: Mapping[str, str], log: Path) -> str:
    """Returns what it printed; raises with the end of its log when it fails. Who stops us stops the command as well."""
    with Step(title) as step, log.open("w") as file:
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            start_new_session=True,
            text=True,
        )
        printed = []
        try:
            for line in cast("IO[str]", process.stdout):
                file.write(line)
                file.flush()
                printed.append(line)
                step.detail = line.strip()[:DETAIL_LENGTH]
            status = process.wait()
        finally:
            if process.poll() is None:  # we are being stopped: so is the command
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if status == REFUSED:
        raise LauncherError(printed[-1].strip())
    if status:
        tail = log.read_text(errors="replace").strip().splitlines()[-12:]
        raise LauncherError(f"{title.lower()} failed with status {status}; {log} ends:\n    " + "\n    ".join(tail))
    return "".join(printed)


def run_with_terminal(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Returns its status. In our own process group, so that Ctrl-C, a question and a debugger work as usual."""
    process = subprocess.Popen(words, cwd=ROOT, env=dict(environment))
    try:
        return process.wait()
    except StopRequested:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
