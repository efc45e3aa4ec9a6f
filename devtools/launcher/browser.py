"""Finds a Chromium for the browser tests, or gets one: the system's, Playwright's own, Debian's package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from devtools.launcher.console import Step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = (
    "no browser: there is no chromium or google-chrome here, Playwright could not download its own, and {debian}. "
    "Install Chromium (Debian: sudo apt-get install chromium) or set PRO_CHROMIUM to a browser's path."
)


class NoBrowserError(Exception):
    """None is here and none can be had; the text says what was tried."""


def find_browser() -> Path | None:
    """A browser that starts: on Ubuntu the command may be there and only point at a package that is not."""
    given = os.environ.get("PRO_CHROMIUM")
    if given:
        if _starts(Path(given)):
            return Path(given)
        raise NoBrowserError(f"no browser: PRO_CHROMIUM is {given}, and that does not start.")
    for path in (shutil.which(name) for name in NAMES):
        if path and _starts(Path(path)):
            return Path(path)
    own = _playwrights_own()
    return own if own and _starts(own) else None


def get_browser() -> Path:
    found = find_browser()
    if found:
        return found
    with Step("Downloading Chromium through Playwright"):
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
    found = find_browser()
    if found:
        return found
    debian = "Debian's package needs root"
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        with Step("Installing Debian's Chromium"):
            _run([apt, "update"])
            _run([apt, "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"])
        found = find_browser()
        if found:
            return found
        debian = "apt-get could not install chromium"
    raise NoBrowserError(NO_BROWSER.format(debian=debian if apt else "there is no apt-get"))


def _playwrights_own() -> Path | None:
    script = "from playwright.sync_api import sync_playwright as p\nwith p() as it: print(it.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None


def _starts(browser: Path) -> bool:
    return browser.exists() and _run([str(browser), "--version"])


def _run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=600)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
