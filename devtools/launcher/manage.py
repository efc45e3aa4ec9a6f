"""bin/manage: Django's manage.py in the environment of the bin/run that is running."""

import json
import os
import sys
from collections.abc import Mapping

from devtools.launcher.console import LauncherError
from devtools.launcher.identity import RUN_VARIABLE
from devtools.launcher.places import ROOT, Places

FILE = "environment.json"


def remember_environment(places: Places, environment: Mapping[str, str]) -> None:
    """What bin/run has added to the environment of whoever started it. Holds passwords: for its owner only."""
    added = {
        name: value for name, value in environment.items() if os.environ.get(name) != value and name != RUN_VARIABLE
    }
    draft = places.state / f"{FILE}.new"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(added))
    draft.replace(places.state / FILE)


def forget_environment(places: Places) -> None:
    places.state.joinpath(FILE).unlink(missing_ok=True)


def remembered_environment(places: Places) -> dict[str, str]:
    try:
        added: dict[str, str] = json.loads(places.state.joinpath(FILE).read_text())
    except (OSError, ValueError) as error:
        raise LauncherError("PRO Platform does not run here; start bin/run first.") from error
    return {**os.environ, **added}


def main(arguments: list[str]) -> None:
    try:
        environment = remembered_environment(Places(ROOT / "var"))
    except LauncherError as error:
        sys.exit(f"bin/manage: {error}")
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "manage.py", *arguments], environment)  # noqa: S606 - no shell on purpose


if __name__ == "__main__":
    main(sys.argv[1:])
