"""Processes that fall over, refuse to stop, or are left behind. The children are small Python programs."""

import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from devtools.launcher.child import Child, StartError
from devtools.launcher.console import LauncherError
from devtools.launcher.identity import Identity
from devtools.launcher.places import ROOT
from devtools.launcher.ports import free_port, is_free
from devtools.launcher.record import Record
from devtools.launcher.stack import wait_until
from devtools.launcher.supervisor import StopRequested, stopping_on_signals

READY = "import sys, time, pathlib; pathlib.Path(sys.argv[1]).touch(); "
SLEEPS = READY + "time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS
WITH_CHILD = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    " print(p.pid, flush=True); " + SLEEPS
)


def test_a_killed_child_is_started_again_and_said_so(supervisor, program, capsys):
    child = supervisor.start(program(SLEEPS))
    supervisor.wait_for([child])
    first = child.pid

    def kill_then_stop() -> None:
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: child.pid != first and child.is_running(), 10)
        os.kill(os.getpid(), signal.SIGTERM)

    meddler = threading.Thread(target=kill_then_stop)
    with stopping_on_signals():
        meddler.start()
        with pytest.raises(StopRequested, match="SIGTERM"):
            supervisor.watch()
    meddler.join()
    assert "dummy was killed by SIGKILL; starting it again in 1 s" in capsys.readouterr().out


def test_a_log_is_cut_while_its_process_goes_on_writing(supervisor, program, monkeypatch):
    monkeypatch.setattr("devtools.launcher.child.LOG_LIMIT_BYTES", 1000)
    talks = READY + "[print('one', n, flush=True) for n in range(500)]; sys.stdin.read(); "
    child = supervisor.start(program(talks + "[(print('two', flush=True), time.sleep(0.02)) for _ in range(3000)]"))
    supervisor.wait_for([child])
    log = child.program.log
    wait_until(lambda: "one 499" in log.read_text(), 10)
    supervisor.look_after(supervisor.watched[0])
    assert "one 499" in log.with_suffix(".log.1").read_text()
    wait_until(lambda: "two" in log.read_text(), 10)
    assert "one" not in log.read_text()
    assert log.stat().st_size < 1000, "it is appended to from its new beginning"


def test_a_child_that_keeps_failing_is_tried_less_and_less_often(supervisor, program):
    child = supervisor.start(program("raise SystemExit(3)"))
    watched = supervisor.watched[0]
    pauses = []
    for _ in range(8):
        wait_until(lambda: not child.is_running(), 10)
        supervisor.look_after(watched)
        pauses.append(watched.pause)
        watched.restart_at = 0.0
        supervisor.look_after(watched)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_one_that_ignores_sigterm_is_killed_with_its_children(program):
    child = Child(program(STUBBORN.replace(READY, WITH_CHILD.removesuffix("time.sleep(60)")), stop_seconds=0.2))
    child.start()
    child.wait_until_ready()
    grandchild = Identity.of(int(child.program.log.read_text().split()[-1]))
    assert grandchild
    assert grandchild.is_alive()
    child.stop()
    assert not child.is_running()
    wait_until(lambda: not grandchild.is_alive(), 5)


def test_a_child_that_ends_while_starting_is_reported_with_its_last_words(program):
    child = Child(program("raise SystemExit('no such table')"))
    child.start()
    with pytest.raises(StartError, match=r"dummy ended with status 1 while starting;(.|\n)*no such table"):
        child.wait_until_ready()


def test_a_child_that_never_answers_is_reported(program):
    child = Child(program("import time; time.sleep(60)", start_seconds=0.1))
    child.start()
    with pytest.raises(StartError, match="dummy was not ready within 0 s: no sign yet"):
        child.wait_until_ready()
    child.kill()


def test_a_second_launcher_learns_who_runs_here(tmp_path):
    first, second = Record(tmp_path), Record(tmp_path)
    first.claim()
    first.describe("http://127.0.0.1:8000, process 7")
    with pytest.raises(LauncherError, match=r"already runs from this checkout \(http://127\.0\.0\.1:8000, process 7\)"):
        second.claim()


LAUNCHER = """
import os, signal, sys
from pathlib import Path
from devtools.launcher.child import Program
from devtools.launcher.identity import RUN_VARIABLE
from devtools.launcher.record import Record
from devtools.launcher.supervisor import Supervisor

folder = Path(sys.argv[1])
supervisor = Supervisor(Record(folder / "state"))
supervisor.record.claim()
sign = folder / "ready"
program = Program("left", (sys.executable, "-c", sys.argv[2], str(sign)), {RUN_VARIABLE: supervisor.record.run_id},
                  Path("/"), folder / "left.log", lambda: "" if sign.exists() else "no sign yet")
supervisor.wait_for([supervisor.start(program)])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_launcher_left_behind_is_ended_and_nothing_else(tmp_path, bystander):
    """Two processes are left: one that is on record, and its child, whose number is written nowhere."""
    subprocess.run([sys.executable, "-c", LAUNCHER, str(tmp_path), WITH_CHILD], cwd=ROOT, check=False)
    grandchild = Identity.of(int((tmp_path / "left.log").read_text().split()[-1]))
    assert grandchild
    assert grandchild.is_alive()

    record = Record(tmp_path / "state")
    record.claim()
    assert record.end_leftovers() == 2
    assert not grandchild.is_alive()
    assert record.end_leftovers() == 0


def test_a_recorded_number_that_now_belongs_to_a_stranger_is_left_alone(tmp_path, bystander):
    record = Record(tmp_path)
    record.claim()
    row = [bystander.pid, "another boot:1", int(signal.SIGTERM)]
    (tmp_path / "processes.json").write_text(f'{{"run": "none", "processes": [{row!r}]}}'.replace("'", '"'))
    assert record.end_leftovers() == 0


@pytest.mark.parametrize("content", ["", "{", '{"run": 1}', "[]", '{"run": "x", "processes": [[1]]}'])
def test_a_record_cut_short_is_no_reason_to_fail(tmp_path, content):
    record = Record(tmp_path)
    record.claim()
    (tmp_path / "processes.json").write_text(content)
    assert record.end_leftovers() == 0


def test_a_zombie_counts_as_dead():
    process = subprocess.Popen([sys.executable, "-c", ""])
    identity = Identity.of(process.pid)
    wait_until(lambda: identity is None or not identity.is_alive(), 10)
    assert Identity.of(process.pid) is None
    process.wait()


def test_an_occupied_port_is_avoided():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert free_port(preferred=port) != port
    assert free_port(preferred=port) == port
