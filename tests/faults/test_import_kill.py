"""An import is killed, as a command and as a worker. Taken up again, it leaves what an undisturbed one does.

The processes are real ones, the kill is a real SIGKILL.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.models import ImportProfile, ImportRun
from connectors.services.resume import runs_resume
from connectors.services.runs import run_get, run_start
from core.tenancy import tenant_scope
from orders.models import Order
from tests.connectors.import_files import contents, orders_csv, till_profile, upload
from tests.factories import MerchantFactory
from tests.faults.test_kill_matrix import KILLER, ROOT, database_url

pytestmark = pytest.mark.django_db(transaction=True)

# Products, two batches of orders, credits: a kill before, within and after the transaction of each.
DATA = orders_csv(orders=510)
FULL = bool(os.environ.get("PRO_TEST_FULL"))
POINTS = [
    "return:connectors.services.store._orders",
    "call:connectors.services.store._credits",
    *(
        [
            "call:connectors.imports.survey.survey",
            "return:connectors.imports.survey.survey",
            "return:connectors.services.store._products",
            "call:connectors.services.store._orders",
            "return:connectors.services.notes.notes_store",
            "return:connectors.services.store._credits",
            "call:connectors.services.runs.file_forget",
        ]
        if FULL
        else []
    ),
]


@pytest.fixture
def undisturbed(transactional_db):
    """What a shop holds after the same file without a kill."""
    other = MerchantFactory(slug="kettle", currency="USD", time_zone="America/Los_Angeles")
    with tenant_scope(other.pk):
        till_profile()
        drive_upload()
        return contents()


@pytest.fixture
def shop(transactional_db):
    merchant = MerchantFactory(slug="harrow", currency="USD", time_zone="America/Los_Angeles")
    with tenant_scope(merchant.pk):
        till_profile()
        yield merchant


def drive_upload() -> ImportRun:
    run = upload(ImportProfile.objects.get(name="till"), DATA)
    runs_resume()
    run_start(run_id=run.pk)
    runs_resume()
    return run_get(run.pk)


def process(folder: Path, *words: str, die_at: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "PYTHONPATH": f"{KILLER}{os.pathsep}{ROOT}",
        "DIE_AT": die_at,
        "DIE_ONCE": str(folder / "died"),
        "LOG_LEVEL": "ERROR",
    }
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_command_goes_on_when_it_is_started_again(undisturbed, shop, tmp_path, point):
    file = tmp_path / "orders.csv"
    file.write_bytes(DATA)
    report = tmp_path / "report.csv"
    command = ["manage.py", "import_orders", str(file), "--merchant", "harrow", "--profile", "till"]
    killed = process(tmp_path, *command, die_at=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    done = process(tmp_path, *command, "--report", str(report))
    assert done.returncode == 0, done.stderr[-2000:]
    assert "difference 0" in done.stdout
    run = ImportRun.objects.get()
    assert run.state == "done"
    assert contents() == undisturbed
    assert "credit_unmatched" in report.read_text()


@pytest.mark.parametrize("point", POINTS[:1] if not FULL else POINTS)
def test_what_a_killed_worker_left_is_taken_up_by_the_next(undisturbed, shop, tmp_path, point):
    run = upload(ImportProfile.objects.get(name="till"), DATA)
    runs_resume()
    run_start(run_id=run.pk)
    killed = process(tmp_path, "-m", "tests.faults.import_driver", die_at=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert run_get(run.pk).state == "running" or "survey" in point
    assert Order.objects.count() < 510 or "_credits" in point or "file_forget" in point
    # Its lease has not run out, but a process that is dead on this machine is known to be.
    living = process(tmp_path, "-m", "tests.faults.import_driver")
    assert living.returncode == 0, living.stderr[-2000:]
    assert run_get(run.pk).state == "done"
    assert contents() == undisturbed
