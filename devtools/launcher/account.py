"""The user that PostgreSQL runs as. It refuses to run as root, so root lends it an account without rights."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    @classmethod
    def for_servers(cls, data: Path) -> Self | None:
        """None means: as whoever we are. Data that an ordinary user made here stays that user's."""
        if os.geteuid() != 0:
            return None
        if data.exists() and data.stat().st_uid != 0:
            return cls(data.stat().st_uid, data.stat().st_gid)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    def give(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)


def succeeds_as(account: Account | None, command: list[str]) -> bool:
    """Whether this account can run the command at all. The folder / is one that every account may stand in."""
    try:
        done = subprocess.run(
            command,
            cwd="/",
            capture_output=True,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError:
        return False
    return done.returncode == 0


def can_reach(account: Account | None, folder: Path) -> bool:
    return succeeds_as(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])
