"""The two commands exist as promised, and CI runs exactly one of them."""

import os
import re
from pathlib import Path

from devtools.launcher.check import stages

ROOT = Path(__file__).resolve().parents[2]


def test_ci_calls_bin_test_and_nothing_else():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "cd "))] == ["exec bin/test"]


def test_the_commands_can_be_executed():
    assert all(os.access(ROOT / name, os.X_OK) for name in ("bin/run", "bin/test", "bin/lock", ".ci/run"))


def test_every_kind_of_check_is_run():
    assert [stage.name for stage in stages([])] == ["format", "lint", "types", "imports", "migrations", "tests"]


def test_arguments_go_to_pytest_alone():
    (only,) = stages(["tests/orders", "-k", "window"])
    assert only.command[1:] == ("-m", "pytest", "tests/orders", "-k", "window")


def test_requirements_are_pinned_and_name_no_index():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert all(re.match(r"[\w.\[\],-]+==\S+( ;.*)?$", line) for line in lines), name
        assert "://" not in text
        assert "--" not in text
