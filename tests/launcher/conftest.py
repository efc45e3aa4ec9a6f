import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from devtools.launcher.child import Child, Program
from devtools.launcher.identity import RUN_VARIABLE
from devtools.launcher.places import ROOT, Places
from devtools.launcher.record import Record
from devtools.launcher.servers import discard
from devtools.launcher.supervisor import Supervisor


@pytest.fixture
def hidden():
    """An installation under a folder that only its owner may enter, as a checkout in a private home is."""
    with tempfile.TemporaryDirectory() as name:
        places = Places(Path(name) / "var")
        places.make()
        yield places
        discard(places)


@pytest.fixture
def supervisor(tmp_path):
    made = Supervisor(Record(tmp_path / "state"))
    made.record.claim()
    yield made
    made.stop()


@pytest.fixture
def program(tmp_path):
    """Makes a program from Python source. It is ready once it has made the file named in its argument."""

    def make(source: str, name: str = "dummy", **options) -> Program:
        sign = tmp_path / f"{name}.ready"
        log = tmp_path / f"{name}.log"
        return Program(
            name=name,
            command=(sys.executable, "-c", source, str(sign)),
            environment={RUN_VARIABLE: "test"},
            folder=ROOT,
            log=log,
            **{"trouble": lambda: "" if sign.exists() else "no sign yet", "start_seconds": 10.0, **options},
        )

    return make


@pytest.fixture
def bystander():
    """A process of somebody else, which must never be harmed."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    assert process.poll() is None, "a foreign process was ended"
    process.kill()
    process.wait()


@pytest.fixture
def started():
    """Children to stop at the end of the test."""
    children: list[Child] = []
    yield children
    for child in reversed(children):
        child.stop()
