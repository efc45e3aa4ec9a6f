"""bin/backup and bin/restore: manage.py's commands on bin/run's database, running or stopped, or another by URL."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devtools.launcher.console import LauncherError
from devtools.launcher.keys import load_or_make_keys, new_keys
from devtools.launcher.manage import remembered_environment
from devtools.launcher.places import ROOT, Places
from devtools.launcher.record import Record
from devtools.launcher.run import development_environment
from devtools.launcher.servers import Servers, start_database
from devtools.launcher.supervisor import StopRequested, Supervisor, stopping_on_signals
from devtools.launcher.task import run_with_terminal

NO_BROKER = "redis://127.0.0.1:1/0"  # neither command asks it, but settings want the address of one
KEYS = ("FIELD_ENCRYPTION_KEYS", "HASH_PEPPERS")


def read_options(command: str, arguments: list[str]) -> tuple[str, list[str]]:
    """The URL, and the words for manage.py. The URL is not among them: every user of the machine may read those."""
    if command == "backup":
        parser = argparse.ArgumentParser(prog="bin/backup", description="Writes a consistent, checked backup.")
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="default: var/backups")
    else:
        parser = argparse.ArgumentParser(
            prog="bin/restore", description="Restores a backup and compares every table. Stop bin/run before."
        )
        parser.add_argument("backup", type=Path, metavar="FILE|FOLDER", help="of a folder, the newest backup in it")
        parser.add_argument("--yes", action="store_true", help="replace what is in the database, without asking")
    parser.add_argument("--database-url", default="", metavar="URL", help="instead of the database of bin/run")
    found = parser.parse_args(arguments)
    here = Path(os.environ.get("PRO_CALLED_FROM", "."))
    words = [command]
    if command == "backup":
        words += ["--to", str(here / found.to)] if found.to else []
    else:
        words += [str(here / found.backup), *(["--yes"] if found.yes else [])]
    if found.database_url and not all(os.environ.get(name) for name in KEYS):
        words.append("--no-keys")
    return found.database_url, words


def main(command: str, arguments: list[str], places: Places) -> int:
    url, words = read_options(command, arguments)
    try:
        with stopping_on_signals(), reached(url, places, may_run=command == "backup") as environment:
            # Restoring may have to ask.
            return run_with_terminal([sys.executable, "manage.py", *words], environment)
    except StopRequested:
        return 130
    except LauncherError as error:
        print(f"bin/{command}: {error}", file=sys.stderr)
        return 1


@contextmanager
def reached(url: str, places: Places, *, may_run: bool) -> Iterator[dict[str, str]]:
    """The environment of the database that is meant. One that is stopped is started, alone and for so long."""
    if url:
        yield environment_of(new_keys(), url)
        return
    places.make()
    if os.environ.get("DATABASE_URL"):  # bin/run works there too, with the keys of this installation
        yield environment_of(load_or_make_keys(places.secrets, has_data=False), os.environ["DATABASE_URL"])
        return
    supervisor = Supervisor(Record(places.state))
    try:
        supervisor.record.claim()
    except LauncherError as error:
        if not may_run:
            raise LauncherError(f"{error} Stop it first: its database is about to be replaced.") from error
        yield remembered_environment(places)
        return
    try:
        supervisor.record.end_leftovers()
        keys = load_or_make_keys(places.secrets, has_data=places.has_data())
        yield environment_of(keys, start_database(supervisor, places, keys))
    finally:
        supervisor.stop()
        supervisor.record.release()


def environment_of(keys: Mapping[str, str], database_url: str) -> dict[str, str]:
    """Keys of the shell win; the others only satisfy the settings where a database is named by URL."""
    return development_environment(keys, Servers(database_url, NO_BROKER), "http://127.0.0.1:8000")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:], Places(ROOT / "var")))
