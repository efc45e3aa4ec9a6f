"""Which browser is taken. The commands here are small scripts that start or do not."""

import pytest

from devtools.launcher.browser import NoBrowserError, find_browser


@pytest.fixture
def command(tmp_path, monkeypatch):
    monkeypatch.delenv("PRO_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def make(name, status):
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\nexit {status}\n")
        script.chmod(0o755)
        return script

    return make


def test_the_first_that_starts_is_taken(command):
    command("chromium", 1)  # as Ubuntu's, which only tells which package to install
    works = command("chromium-browser", 0)
    assert find_browser() == works


def test_a_browser_that_was_asked_for_is_taken_or_missed_loudly(command, monkeypatch):
    command("chromium", 0)
    mine = command("mine", 0)
    monkeypatch.setenv("PRO_CHROMIUM", str(mine))
    assert find_browser() == mine
    monkeypatch.setenv("PRO_CHROMIUM", str(command("broken", 1)))
    with pytest.raises(NoBrowserError, match=r"PRO_CHROMIUM is .*broken, and that does not start"):
        find_browser()
