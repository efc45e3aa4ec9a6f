"""The virtual environment of a checkout: made, filled and repaired. Standard library only: runs before .venv exists."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from devtools.launcher.console import LauncherError, Step, say


@dataclass(frozen=True)
class Venv:
    path: Path
    requirements: Path
    var: Path

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def _stamp(self) -> Path:
        return self.path / "pro-stamp.json"

    @property
    def _pip_log(self) -> Path:
        return self.var / "log" / "pip.log"

    def ensure(self) -> None:
        """Leaves an environment that has every pinned package with all its files; 60 ms when it has them already."""
        with self._lock():
            if self.path.exists() and not self._interpreter_works():
                say(f"  The Python in {self.path.name} does not start; making {self.path.name} again.")
                shutil.rmtree(self.path)
            if not self.path.exists():
                self._create()
            if self._read_stamp().get("fingerprint") != self._fingerprint():
                self._install_all("Installing packages")
            damaged = self._damaged()
            if damaged:
                self._repair(damaged)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """bin/run and bin/test may start at the same moment; the second waits until the first has installed."""
        try:
            self._pip_log.parent.mkdir(parents=True, exist_ok=True)
            lock = (self.var / "venv.lock").open("w")
        except OSError as error:
            raise LauncherError(
                f"cannot write to {self.var} ({error.strerror}); it may belong to the user who ran this here before."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with Step("Waiting for another start to finish installing"):
                    fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _fingerprint(self) -> str:
        """The path is part of it: scripts inside a virtual environment break when the checkout is moved."""
        return hashlib.sha256(self.requirements.read_bytes() + str(self.path).encode()).hexdigest()

    def _read_stamp(self) -> dict[str, object]:
        try:
            loaded = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return {}
        return loaded if isinstance(loaded, dict) else {}

    def _interpreter_works(self) -> bool:
        question = "import ssl, pip, sys; sys.exit(sys.prefix == sys.base_prefix)"
        try:
            done = subprocess.run([self.python, "-c", question], capture_output=True, check=False)
        except OSError:
            return False
        return done.returncode == 0

    def _create(self) -> None:
        ensure_venv_module()
        with Step(f"Making {self.path.name}"):
            done = subprocess.run(
                [sys.executable, "-m", "venv", self.path], capture_output=True, text=True, check=False
            )
        if done.returncode:
            shutil.rmtree(self.path, ignore_errors=True)
            raise LauncherError(f"cannot make {self.path}: {last_line(done.stdout + done.stderr)}")

    def _install_all(self, title: str) -> None:
        """Then records what is installed, so that a package that goes missing later is noticed without asking pip."""
        pins = re.findall(r"^[\w.\[\]-]+==", self.requirements.read_text(), re.MULTILINE)
        self._pip(["-r", str(self.requirements)], title, expected=len(pins))
        folders = (folder.name.removesuffix(".dist-info") for folder in self._site_packages().glob("*.dist-info"))
        distributions = {name: version for name, _, version in (folder.rpartition("-") for folder in folders)}
        distributions.pop("pip", None)
        self._stamp.write_text(json.dumps({"fingerprint": self._fingerprint(), "distributions": distributions}))

    def _site_packages(self) -> Path:
        found = sorted(self.path.glob("lib/python3.*/site-packages"))
        if not found:
            raise LauncherError(f"{self.path} holds no site-packages; remove it and start again.")
        return found[-1]

    def _damaged(self) -> dict[str, str]:
        """Compares the files on disk with every package's own list: 9,000 files in about 30 ms."""
        home = self._site_packages()
        damaged = {}
        for name, version in cast("dict[str, str]", self._read_stamp().get("distributions", {})).items():
            try:
                lines = (home / f"{name}-{version}.dist-info" / "RECORD").read_text(encoding="utf-8").splitlines()
            except OSError:
                damaged[name] = version
                continue
            paths = (line.rsplit(",", 2)[0].strip('"') for line in lines)
            wanted = (path for path in paths if not path.startswith((".", "/")) and not path.endswith(".pyc"))
            if not all(os.path.lexists(home / path) for path in wanted):
                damaged[name] = version
        return damaged

    def _repair(self, damaged: dict[str, str]) -> None:
        say(f"  {self.path.name} misses files of {', '.join(sorted(damaged))}; installing them again.")
        pins = [f"{name}=={version}" for name, version in damaged.items()]
        try:
            self._pip(["--force-reinstall", *pins], "Repairing packages", expected=len(pins))
        except LauncherError:
            # pip cannot replace a package whose own file list is gone; a new environment has no such past
            shutil.rmtree(self.path)
            self._create()
            self._install_all("Installing packages again")

    def _pip(self, arguments: list[str], title: str, expected: int) -> None:
        """Every package is pinned, so pip skips dependencies. Its output goes to a log, a count to the screen."""
        command = [
            str(self.python),
            *("-m", "pip", "install", "--no-deps", "--no-input", "--disable-pip-version-check"),
        ]
        tail: deque[str] = deque(maxlen=40)
        with Step(title) as step, self._pip_log.open("w") as log:
            pip = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            fetched = 0
            for line in cast("IO[str]", pip.stdout):
                log.write(line)
                tail.append(line.strip())
                fetched += line.startswith("Collecting ")
                is_writing = line.startswith("Installing collected")
                step.detail = "writing files" if is_writing else f"{fetched} of {expected} fetched"
            failed = pip.wait() != 0
        if failed:
            reason = next((line for line in tail if line.startswith("ERROR")), last_line("\n".join(tail)))
            raise LauncherError(f"pip could not install the packages: {reason} (full log: {self._pip_log})")


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


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
