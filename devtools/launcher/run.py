"""bin/run: brings the whole platform up on this machine, keeps it up, and takes it down in good order."""

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from devtools.launcher.console import LauncherError, Step, say
from devtools.launcher.identity import RUN_VARIABLE
from devtools.launcher.keys import load_or_make_keys
from devtools.launcher.manage import forget_environment, remember_environment
from devtools.launcher.places import ROOT, Places
from devtools.launcher.ports import LOOPBACK, is_free
from devtools.launcher.programs import STRIPE_KEY, Programs, executable, reachable
from devtools.launcher.record import Record
from devtools.launcher.servers import Servers, port_for, start_servers
from devtools.launcher.supervisor import StopRequested, Supervisor, stopping_on_signals
from devtools.launcher.task import run_task

DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Options:
    host: str
    port: int | None
    reset: bool
    yes: bool


def read_options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="bin/run",
        description="Starts PRO Platform on this machine with a demo shop. Ctrl-C stops it; the data stays under var/.",
    )
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, help=f"port to listen on (default {DEFAULT_PORT}, or the next free one)")
    parser.add_argument("--reset", action="store_true", help="wipe the data and start over; asks first")
    parser.add_argument("--yes", action="store_true", help="with --reset: do not ask")
    found = parser.parse_args(arguments)
    return Options(found.host, found.port, found.reset, found.yes)


def main(arguments: list[str]) -> int:
    options = read_options(arguments)
    places = Places(ROOT / "var")
    supervisor = Supervisor(Record(places.state))
    try:
        with stopping_on_signals():
            try:
                start(options, places, supervisor)
                supervisor.watch()
            finally:
                if supervisor.watched:
                    forget_environment(places)
                    with Step("Stopping"):
                        supervisor.stop()
    except StopRequested:
        return 0
    except LauncherError as error:
        print(f"bin/run: {error}", file=sys.stderr)
        return 1
    return 0


def start(options: Options, places: Places, supervisor: Supervisor) -> None:
    places.make()
    supervisor.record.claim()
    if count := supervisor.record.end_leftovers():
        say(f"  Stopped {count} processes that an earlier start had left running.")
    if options.reset:
        reset(places, options)
    port = choose_port(options)
    keys = load_or_make_keys(places.secrets, has_data=places.has_data())
    servers = start_servers(supervisor, places, keys, os.environ)
    environment = development_environment(keys, servers, public_address(options.host, port))
    environment[RUN_VARIABLE] = supervisor.record.run_id
    start_stripe(environment, places, supervisor)
    remember_environment(places, environment)
    prepare = executable(["devtools.launcher.prepare"])
    run_task("Preparing the database and the demo shop", prepare, environment, places.logs / "prepare.log")
    addresses = start_application(Programs(environment, places.logs), options.host, port, supervisor)
    say(f"\n{addresses}\nLogs are in {places.logs}. Ctrl-C stops everything.")
    supervisor.record.describe(f"{environment['PUBLIC_URL']}, process {os.getpid()}")


def public_address(host: str, port: int) -> str:
    return f"http://{reachable(host)}:{port}"


def development_environment(keys: Mapping[str, str], servers: Servers, address: str) -> dict[str, str]:
    """What the person has set wins, except what makes this a development installation on these servers."""
    return {
        "SECRET_KEY": keys["SECRET_KEY"],
        "FIELD_ENCRYPTION_KEYS": keys["FIELD_ENCRYPTION_KEYS"],
        "HASH_PEPPERS": keys["HASH_PEPPERS"],
        "PUBLIC_URL": address,
        "LOG_FORMAT": "console",
        **os.environ,
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "PRO_ENV": "development",
        "DEVTOOLS": "true",
        "DJANGO_SETTINGS_MODULE": "pro_platform.settings",
        "PYTHONUNBUFFERED": "1",
    }


def start_stripe(environment: dict[str, str], places: Places, supervisor: Supervisor) -> None:
    """Without a key of the real Stripe, our own server answers the official client."""
    if environment.get("STRIPE_API_KEY"):
        return
    port = port_for("stripe", places)
    environment["STRIPE_API_KEY"] = STRIPE_KEY
    environment["STRIPE_API_BASE"] = f"http://{LOOPBACK}:{port}"
    supervisor.wait_for([supervisor.start(Programs(environment, places.logs).stripe(port, places.stripe))])


def start_application(programs: Programs, host: str, port: int, supervisor: Supervisor) -> str:
    """Returns where to look. Orders for that are sent through the API, while worker and beat still get ready."""
    web = supervisor.start(programs.web(port, host))
    others = [supervisor.start(program) for program in (programs.worker(), programs.beat())]
    with Step("Starting the web server"):
        supervisor.wait_for([web])
    addresses = run_task(
        "Opening orders to look at",
        executable(["manage.py", "demo_addresses"]),
        programs.environment,
        programs.logs / "addresses.log",
    )
    supervisor.start(programs.arrivals())
    with Step("Waiting for worker and beat"):
        supervisor.wait_for(others)
    return addresses


def reset(places: Places, options: Options) -> None:
    if not options.yes:
        if not sys.stdin.isatty():
            raise LauncherError("--reset wipes all data under var/; without a terminal to ask at, it needs --yes.")
        answer = input("This wipes the database, the demo shop and the keys under var/. Type yes to go on: ")
        if answer.strip().lower() != "yes":
            raise LauncherError("nothing was wiped.")
    places.wipe()
    places.make()


def choose_port(options: Options) -> int:
    if options.port:
        if not is_free(options.port, options.host):
            raise LauncherError(f"port {options.port} is taken by another program; choose another with --port.")
        return options.port
    for port in range(DEFAULT_PORT, DEFAULT_PORT + 100):
        if is_free(port, options.host):
            if port != DEFAULT_PORT:
                say(f"  Port {DEFAULT_PORT} is taken by another program; using {port}.")
            return port
    raise LauncherError(f"no port from {DEFAULT_PORT} to {DEFAULT_PORT + 99} is free; choose one with --port.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
