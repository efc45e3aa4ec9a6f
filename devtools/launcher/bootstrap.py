"""Makes .venv right, then hands over to the launcher inside it. Runs on the system's Python: standard library only."""

import os
import sys
from pathlib import Path
from typing import cast

from devtools.launcher.console import LauncherError
from devtools.launcher.venv import Venv

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "run": ("bin/run", ["devtools.launcher.run"]),
    "check": ("bin/test", ["devtools.launcher.check"]),
    "backup": ("bin/backup", ["devtools.launcher.backup", "backup"]),
    "restore": ("bin/restore", ["devtools.launcher.backup", "restore"]),
}


def main(arguments: list[str]) -> None:
    command, *rest = arguments
    name, words = COMMANDS[command]
    venv = Venv(ROOT / ".venv", ROOT / "requirements-dev.txt", ROOT / "var")
    try:
        leave(venv)
        venv.ensure()
    except LauncherError as error:
        sys.exit(f"{name}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    os.execv(venv.python, [str(venv.python), "-m", *words, *rest])  # noqa: S606 - no shell on purpose


def leave(venv: Venv) -> None:
    """With .venv activated, python3 may be the interpreter that has to be rebuilt: go on with the one behind it."""
    base = cast("str", getattr(sys, "_base_executable", sys.executable))
    if Path(sys.prefix) == venv.path and not Path(base).is_relative_to(venv.path):
        os.execv(base, [base, "-m", "devtools.launcher.bootstrap", *sys.argv[1:]])  # noqa: S606 - no shell on purpose


if __name__ == "__main__":
    main(sys.argv[1:])
