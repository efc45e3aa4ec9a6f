"""bin/test: all checks and tests, against servers of its own that it throws away."""

import os
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from devtools.launcher.browser import NoBrowserError, get_browser
from devtools.launcher.console import LauncherError, say
from devtools.launcher.identity import RUN_VARIABLE
from devtools.launcher.keys import new_keys
from devtools.launcher.places import ROOT, Places
from devtools.launcher.record import Record
from devtools.launcher.servers import Servers, discard, start_servers
from devtools.launcher.supervisor import StopRequested, Supervisor, stopping_on_signals
from devtools.launcher.task import run_with_terminal

USAGE = """usage: bin/test [--full] [PYTEST ARGUMENTS]

Without arguments: format, lint, types, imports, migrations, and all tests including Chromium.
With arguments:    only pytest with them, e.g. bin/test tests/orders -k window
--full             the same tests at full size (up to an hour)

PRO_TEST_DATABASE_URL, PRO_TEST_REDIS_URL
                   servers to use instead of embedded ones; the tests may empty them
PRO_TEST_WORKERS   processes that share the tests of a whole run (default 2; 0 runs them in one)
PRO_CHROMIUM       path of the browser to use
"""
# A developer's own settings must neither reach the tests nor, worse, a real payment provider.
FOREIGN = (
    *("SECRET_KEY", "SECRET_KEY_FALLBACKS", "FIELD_ENCRYPTION_KEYS", "HASH_PEPPERS", "ALLOWED_HOSTS", "PUBLIC_URL"),
    *("STRIPE_API_KEY", "STRIPE_API_BASE"),
    *(
        "EMAIL_URL",
        "DEFAULT_FROM_EMAIL",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "WEB_CONCURRENCY",
        "DEVTOOLS",
        "TEST_DATABASE_NAME",
    ),
)


@dataclass(frozen=True)
class Stage:
    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    stage: str
    passed: bool
    seconds: float


def main(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    full = "--full" in arguments
    chosen = [word for word in arguments if word != "--full"]
    home = ROOT / "var" / "test"
    places = Places(home / uuid.uuid4().hex[:12])
    supervisor = Supervisor(Record(places.state))
    try:
        with stopping_on_signals():
            try:
                clear_leftovers(home)
                places.make()
                supervisor.record.claim()
                servers = start_servers(
                    supervisor, places, new_keys(), servers_wanted(), binaries_from=Places(ROOT / "var")
                )
                environment = test_environment(servers, supervisor.record.run_id, full=full)
                return run_stages(stages(chosen), environment, whole=not chosen)
            finally:
                supervisor.stop()
                discard(places)
    except StopRequested as stop:
        print(f"bin/test: stopped by {stop}", file=sys.stderr)
        return 130
    except LauncherError as error:
        print(f"bin/test: {error}", file=sys.stderr)
        return 1


def clear_leftovers(home: Path) -> None:
    """Of a bin/test that was killed. One that still runs holds its lock and is left alone."""
    for folder in home.glob("*"):
        record = Record(Places(folder).state)
        try:
            record.claim()
        except LauncherError:
            continue
        record.end_leftovers()
        discard(Places(folder))


def servers_wanted() -> dict[str, str]:
    """Not DATABASE_URL and REDIS_URL: those of a developer's shell may name servers with data that matters."""
    return {name: os.environ.get(f"PRO_TEST_{name}", "") for name in ("DATABASE_URL", "REDIS_URL")}


def test_environment(servers: Servers, run_id: str, *, full: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment = {
        **kept,
        "PRO_ENV": "test",
        "DJANGO_SETTINGS_MODULE": "pro_platform.settings",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        RUN_VARIABLE: run_id,
    }
    if full:
        environment["PRO_TEST_FULL"] = "1"
    return environment


def stages(chosen: list[str]) -> list[Stage]:
    python = sys.executable
    pytest = (python, "-m", "pytest")
    if chosen:
        return [Stage("tests", (*pytest, *chosen))]
    workers = os.environ.get("PRO_TEST_WORKERS", "2")
    return [
        Stage("format", (python, "-m", "ruff", "format", "--check", ".")),
        Stage("lint", (python, "-m", "ruff", "check", ".")),
        Stage("types", (python, "-m", "mypy", ".")),
        Stage("imports", (python, "-c", "from importlinter.cli import lint_imports_command as run; run()")),
        Stage("migrations", (python, "manage.py", "makemigrations", "--check", "--dry-run")),
        Stage("tests", (*pytest, "-n", workers)),
    ]


def run_stages(wanted: list[Stage], environment: dict[str, str], *, whole: bool) -> int:
    """Runs every stage, also after one has failed, so that one run tells all that is wrong."""
    outcomes = []
    try:
        environment["PRO_CHROMIUM"] = str(get_browser())
    except NoBrowserError as error:
        print(f"bin/test: {error}", file=sys.stderr)
        if whole:
            outcomes.append(Outcome("browser", passed=False, seconds=0.0))
    for stage in wanted:
        say(f"\n── {stage.name}")
        started = time.monotonic()
        passed = run_with_terminal(stage.command, environment) == 0
        outcomes.append(Outcome(stage.name, passed, time.monotonic() - started))
    say("")
    for outcome in outcomes:
        say(f"  {'✓' if outcome.passed else '✗'} {outcome.stage} ({outcome.seconds:.1f} s)")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
