"""Makes .venv right, then hands over to the launcher inside it. Runs on the system's Python: standard library only."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from devtools.launcher.console import LauncherError, Step, say

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements-dev.txt"
STAMP = VENV / "pro-stamp.json"
VAR = ROOT / "var"
PIP_LOG = VAR / "log" / "pip.log"
COMMANDS = {"run": "devtools.launcher.run", "check": "devtools.launcher.check"}


def main(arguments: list[str]) -> None:
    command, *rest = arguments
    try:
        leave_own_venv()
        with venv_lock():
            ensure_venv()
    except LauncherError as error:
        sys.exit(f"bin/{'run' if command == 'run' else 'test'}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    os.execv(PYTHON, [str(PYTHON), "-m", COMMANDS[command], *rest])  # noqa: S606 - no shell on purpose


def leave_own_venv() -> None:
    """With .venv activated, python3 may be the interpreter that has to be rebuilt: go on with the one behind it."""
    base = cast("str", getattr(sys, "_base_executable", sys.executable))
    if Path(sys.prefix) == VENV and not Path(base).is_relative_to(VENV):
        os.execv(base, [base, "-m", "devtools.launcher.bootstrap", *sys.argv[1:]])  # noqa: S606 - no shell on purpose


@contextmanager
def venv_lock() -> Iterator[None]:
    """bin/run and bin/test may start at the same moment; the second waits until the first has finished installing."""
    try:
        PIP_LOG.parent.mkdir(parents=True, exist_ok=True)
        lock = (VAR / "venv.lock").open("w")
    except OSError as error:
        raise LauncherError(
            f"cannot write to {VAR} ({error.strerror}); it may belong to the user who ran this here before."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with Step("Waiting for another start to finish installing"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_venv() -> None:
    wanted = fingerprint()
    if VENV.exists() and not interpreter_works():
        say("  The Python in .venv does not start; making .venv again.")
        shutil.rmtree(VENV)
    if not VENV.exists():
        create_venv()
    if read_stamp().get("fingerprint") != wanted:
        install(["-r", str(REQUIREMENTS)], "Installing packages", expected=count_pins())
        write_stamp(wanted)
    damaged = damaged_distributions(cast("dict[str, str]", read_stamp().get("distributions", {})))
    if damaged:
        repair(damaged)


def repair(damaged: dict[str, str]) -> None:
    say(f"  .venv misses files of {', '.join(sorted(damaged))}; installing them again.")
    pins = [f"{name}=={version}" for name, version in damaged.items()]
    try:
        install(["--force-reinstall", *pins], "Repairing packages", expected=len(pins))
    except LauncherError:
        # pip cannot replace a package whose own file list is gone; a new environment has no such past.
        shutil.rmtree(VENV)
        create_venv()
        install(["-r", str(REQUIREMENTS)], "Installing packages again", expected=count_pins())
        write_stamp(fingerprint())


def fingerprint() -> str:
    """The path is part of it: scripts inside a virtual environment break when the checkout is moved."""
    return hashlib.sha256(REQUIREMENTS.read_bytes() + str(VENV).encode()).hexdigest()


def read_stamp() -> dict[str, object]:
    try:
        loaded = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def write_stamp(wanted: str) -> None:
    """Records what is installed now, so that a package that goes missing later is noticed without asking pip."""
    distributions = {}
    for folder in site_packages().glob("*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        distributions[name] = version
    distributions.pop("pip", None)
    STAMP.write_text(json.dumps({"fingerprint": wanted, "distributions": distributions}, indent=1))


def site_packages() -> Path:
    found = sorted(VENV.glob("lib/python3.*/site-packages"))
    if not found:
        raise LauncherError(f"{VENV} holds no site-packages; remove it and start again.")
    return found[-1]


def damaged_distributions(expected: dict[str, str]) -> dict[str, str]:
    """Compares the files on disk with every package's own list: 9,000 files in about 30 ms."""
    home = site_packages()
    damaged = {}
    for name, version in expected.items():
        record = home / f"{name}-{version}.dist-info" / "RECORD"
        try:
            lines = record.read_text(encoding="utf-8").splitlines()
        except OSError:
            damaged[name] = version
            continue
        paths = (line.rsplit(",", 2)[0].strip('"') for line in lines)
        wanted = (path for path in paths if not path.startswith((".", "/")) and not path.endswith(".pyc"))
        if not all(os.path.lexists(home / path) for path in wanted):
            damaged[name] = version
    return damaged


def interpreter_works() -> bool:
    try:
        done = subprocess.run(
            [PYTHON, "-c", "import ssl, pip, sys; sys.exit(sys.prefix == sys.base_prefix)"],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def create_venv() -> None:
    ensure_venv_module()
    with Step("Making .venv"):
        done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise LauncherError(f"cannot make {VENV}: {last_line(done.stdout + done.stderr)}")


def ensure_venv_module() -> None:
    """Debian and Ubuntu ship Python without the part that makes virtual environments."""
    probe = subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False)
    if probe.returncode == 0:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or not apt:
        raise LauncherError(f"Python's venv module is not installed; run: sudo apt-get install {package}")
    with Step(f"Installing {package}"):
        subprocess.run([apt, "update"], capture_output=True, check=False)
        done = subprocess.run([apt, "install", "-y", package], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LauncherError(f"apt-get could not install {package}: {last_line(done.stderr)}")


def count_pins() -> int:
    return sum(1 for line in REQUIREMENTS.read_text().splitlines() if re.match(r"[\w.\[\]-]+==", line))


def install(arguments: list[str], title: str, expected: int) -> None:
    """Every package is pinned, so pip skips dependencies. Its output goes to a log, a count to the screen."""
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-input",
        "--disable-pip-version-check",
        *arguments,
    ]
    tail: deque[str] = deque(maxlen=40)
    with Step(title) as step, PIP_LOG.open("w") as log:
        pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        collected = 0
        for line in cast("IO[str]", pip.stdout):
            log.write(line)
            tail.append(line.strip())
            collected += line.startswith("Collecting ")
            step.detail = (
                "writing files" if line.startswith("Installing collected") else f"{collected} of {expected} fetched"
            )
        failed = pip.wait() != 0
    if failed:
        reason = next((line for line in tail if line.startswith("ERROR")), last_line("\n".join(tail)))
        raise LauncherError(f"pip could not install the packages: {reason} (full log: {PIP_LOG})")


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


if __name__ == "__main__":
    main(sys.argv[1:])
