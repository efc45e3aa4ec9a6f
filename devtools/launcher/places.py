"""Where a checkout keeps what it makes: under var/, except what PostgreSQL's account could not reach there."""

import hashlib
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from devtools.launcher.account import Account, can_reach
from devtools.launcher.console import LauncherError

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE_BASES = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - /var/tmp survives a reboot; the folder is made private


@dataclass(frozen=True)
class Places:
    """Paths of one installation. Tests make their own under a temporary folder."""

    var: Path

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def state(self) -> Path:
        return self.var / "run"

    @property
    def valkey(self) -> Path:
        return self.var / "valkey"

    @property
    def stripe(self) -> Path:
        return self.var / "stripe"

    @property
    def secrets(self) -> Path:
        return self.var / "secrets.env"

    def make(self) -> None:
        try:
            for folder in (self.var, self.logs, self.state, self.valkey, self.stripe):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LauncherError(
                f"cannot write to {self.var} ({error.strerror}); it may belong to the user who ran this here before."
            ) from error

    def outside(self) -> Path:
        """A folder outside the checkout, the same for this checkout every time."""
        name = f"pro-platform-{hashlib.sha256(str(self.var.resolve()).encode()).hexdigest()[:12]}"
        base = next((base for base in OUTSIDE_BASES if base.is_dir()), OUTSIDE_BASES[-1])
        return base / name

    def make_outside(self) -> Path:
        """Makes it, or takes the existing one if it is of this very installation and not of a deleted checkout here."""
        marker = self.var / "installation"
        if not marker.exists():
            marker.write_text(uuid.uuid4().hex)
        folder = self.outside()
        theirs = folder / "installation"
        if folder.exists() and (not theirs.exists() or theirs.read_text() != marker.read_text()):
            shutil.rmtree(folder)
        if not folder.exists():
            folder.mkdir(mode=0o711)  # others may pass through, nobody but root may list or write
            theirs.write_text(marker.read_text())
        return folder

    def postgres_home(self) -> tuple[Path, Account | None]:
        """The folder that holds the database, made for the account that the database runs as."""
        inside = self.var / "postgres"
        account = Account.for_servers(inside)
        if account is None or can_reach(account, self.var):
            home = inside
        else:
            home = self.make_outside() / "postgres"
            if inside.exists() and not home.exists():
                shutil.move(inside, home)  # the checkout was reachable before and is not any more
        home.mkdir(mode=0o700, exist_ok=True)
        if account:
            account.give(home)
        return home, account

    def has_data(self) -> bool:
        return (self.var / "postgres" / "data").exists() or (self.outside() / "postgres" / "data").exists()

    def wipe(self) -> None:
        """All data and keys. The caller has asked, and has stopped all processes."""
        for folder in (self.outside(), self.var / "postgres", self.valkey, self.stripe, self.logs):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.secrets, self.var / "installation"):
            file.unlink(missing_ok=True)
