"""bin/manage knows the servers of the running bin/run."""

import os
import stat
import subprocess

import pytest

from devtools.launcher.console import LauncherError
from devtools.launcher.manage import FILE, forget_environment, remember_environment, remembered_environment
from devtools.launcher.places import ROOT, Places


@pytest.fixture
def places(tmp_path):
    made = Places(tmp_path / "var")
    made.make()
    return made


def test_what_bin_run_added_is_there_again(places, monkeypatch):
    monkeypatch.setenv("MINE", "as before")
    remember_environment(places, {**os.environ, "DATABASE_URL": "postgres://app:pw@127.0.0.1:1/app"})
    monkeypatch.setenv("MINE", "changed since")
    found = remembered_environment(places)
    assert (found["DATABASE_URL"], found["MINE"]) == ("postgres://app:pw@127.0.0.1:1/app", "changed since")


def test_passwords_are_for_the_owner_only(places):
    for _ in range(2):
        remember_environment(places, {"DATABASE_URL": "postgres://app:pw@127.0.0.1:1/app"})
        assert stat.S_IMODE(places.state.joinpath(FILE).stat().st_mode) == 0o600


def test_where_nothing_runs_it_says_so(places):
    remember_environment(places, {})
    forget_environment(places)
    with pytest.raises(LauncherError, match="start bin/run first"):
        remembered_environment(places)


def test_the_command_exists():
    assert os.access(ROOT / "bin" / "manage", os.X_OK)
    assert subprocess.run(["sh", "-n", ROOT / "bin" / "manage"]).returncode == 0  # noqa: S607
