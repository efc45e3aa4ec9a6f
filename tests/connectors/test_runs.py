"""An import from upload to report: nothing before it is started, all of it once, every line accounted for."""

import csv
import io
from datetime import timedelta

import pytest

from connectors.errors import ImportNotPossible, ImportRunNotFound
from connectors.models import ImportNote, ImportRun
from connectors.services import drive
from connectors.services.lease import LEASE, LeaseLost, lease_take, lease_write
from connectors.services.report import report_chunks
from connectors.services.resume import runs_resume
from connectors.services.runs import run_cancel, run_continue, run_discard, run_get, run_start
from core import clock
from core.models import StoredFile
from core.tenancy import tenant_scope
from orders.models import Customer, Order, Product
from tests.connectors.import_files import HEAD, contents, everything, from_path, orders_csv, till_profile, upload

pytestmark = pytest.mark.django_db
State = ImportRun.State


@pytest.fixture
def profile(scope):
    return till_profile()


def imported(profile, data: bytes) -> ImportRun:
    """From upload to end, as a worker and a person do it."""
    run = upload(profile, data)
    runs_resume()
    run_start(run_id=run.pk)
    runs_resume()
    return run_get(run.pk)


def report_of(run: ImportRun) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(report_chunks(run)))))


def test_a_preview_stores_nothing_and_shows_what_would_be(profile):
    before = everything()
    run = upload(profile, orders_csv())
    assert runs_resume() == 1
    run.refresh_from_db()
    assert run.state == State.PREVIEWED
    assert run.counts["orders"] == {"expected": 3}
    assert run.counts["lines"]["in"] == 6
    assert "Mug" in run.preview
    assert "“two”" in run.preview or "two" in run.preview
    assert everything() == before


def test_started_it_stores_all_and_the_figures_add_up(profile):
    run = imported(profile, orders_csv())
    assert (run.state, run.error) == (State.DONE, "")
    assert Order.objects.count() == 3
    assert {order.is_backfill for order in Order.objects.all()} == {True}
    assert Customer.objects.count() == 3
    assert Product.objects.exists()
    assert run.counts["lines"] == {"in": 6, "imported": 4, "reported": 2}
    assert run.counts["credits"] == {"applied": 1, "unmatched": 1}
    figures = run.sums["USD"]
    assert figures == {"in": "-49.00", "imported": "50.00", "reported": "-99.00"} or (
        float(figures["in"]) == float(figures["imported"]) + float(figures["reported"])
    )
    assert Order.objects.get(external_id="1000").refunded_minor == 1000


def test_what_is_left_out_is_told_line_by_line(profile):
    run = imported(profile, orders_csv())
    notes = {note.line: note for note in ImportNote.objects.filter(run=run, is_line=True)}
    assert set(notes) == {6, 7}
    assert (notes[6].code, notes[6].phase) == ("credit_unmatched", "credits")
    assert notes[7].column == "Qty"


def test_the_file_goes_when_the_run_ends_well_and_the_preview_when_it_starts(profile):
    run = upload(profile, orders_csv())
    runs_resume()
    assert run_get(run.pk).preview
    assert run_start(run_id=run.pk).preview == ""
    assert StoredFile.objects.exists()
    runs_resume()
    assert run_get(run.pk).file is None
    assert not StoredFile.objects.exists()


def test_the_same_file_again_changes_nothing(profile):
    imported(profile, orders_csv())
    before = everything()
    again = imported(profile, orders_csv())
    assert again.counts["orders"] == {"unchanged": 3}
    assert again.counts["credits"] == {"known": 1, "unmatched": 1}
    assert again.counts["lines"] == {"in": 6, "imported": 4, "reported": 2}
    assert everything() == before


def test_a_discarded_file_leaves_nothing(profile):
    before = everything()
    run = upload(profile, orders_csv())
    runs_resume()
    assert run_discard(run_id=run.pk).state == State.CANCELLED
    assert not StoredFile.objects.exists()
    assert runs_resume() == 0
    assert everything() == before
    with pytest.raises(ImportNotPossible):
        run_start(run_id=run.pk)


class Watch:
    """Does something once, after so many batches."""

    def __init__(self, batches: int, act) -> None:
        self.left, self.act = batches, act

    def __call__(self, run: ImportRun) -> None:
        if run.state == State.RUNNING and run.checkpoint:
            self.left -= 1
            if self.left == 0:
                self.act(run)


def test_cancel_keeps_what_is_done_and_says_so(profile):
    data = orders_csv(orders=600)
    run = from_path(profile, data)
    stopping = Watch(2, lambda run: run_cancel(run_id=run.pk))
    run = drive.run_drive(run, open_file=lambda: io.BytesIO(data), watch=stopping)
    assert run.state == State.CANCELLED
    assert Order.objects.count() == 500 == run.counts["orders"]["created"]
    lines = {row[0]: row[1:] for row in report_of(run) if row}
    assert lines["State"] == ["Stopped"]
    assert lines["Lines"] == ["603", "500", "0", "103"]


def test_a_stopped_upload_goes_on_where_it_stopped(profile, other_merchant):
    data = orders_csv(orders=600)
    run = upload(profile, data)
    runs_resume()
    run_start(run_id=run.pk)
    drive.run_drive(run, watch=Watch(2, lambda run: run_cancel(run_id=run.pk)))
    assert run_get(run.pk).state == State.CANCELLED
    run_continue(run_id=run.pk)
    runs_resume()
    run = run_get(run.pk)
    assert (run.state, Order.objects.count()) == (State.DONE, 600)
    assert run.counts["lines"] == {"in": 603, "imported": 601, "reported": 2}
    undisturbed = contents()
    with tenant_scope(other_merchant.pk):
        other_merchant.currency, other_merchant.time_zone = profile.merchant.currency, profile.merchant.time_zone
        other_merchant.save()
        imported(till_profile(), data)
        assert contents() == undisturbed


def test_two_workers_do_not_drive_one_run(profile):
    run = upload(profile, orders_csv())
    runs_resume()
    run_start(run_id=run.pk)
    owner = lease_take(run_get(run.pk))
    assert owner
    assert lease_take(run_get(run.pk)) is None
    assert runs_resume() == 0
    assert not Order.objects.exists()
    with clock.frozen(clock.now() + LEASE + timedelta(seconds=1)):
        assert runs_resume() == 1
    assert Order.objects.count() == 3


def test_a_large_file_lets_others_go_first(profile, other_merchant, monkeypatch):
    monkeypatch.setattr("connectors.services.resume.TURN_SECONDS", 0)
    large = upload(profile, orders_csv(orders=600))
    with tenant_scope(other_merchant.pk):
        small = upload(till_profile(), orders_csv())
    assert runs_resume() == 2
    run_start(run_id=large.pk)
    with tenant_scope(other_merchant.pk):
        run_start(run_id=small.pk)
    assert runs_resume() == 2
    with tenant_scope(other_merchant.pk):
        first_done = run_get(small.pk).finished_at
    last = run_get(large.pk)
    assert (last.state, Order.objects.count()) == (State.DONE, 600)
    assert first_done < last.finished_at, "although it came later"


def test_who_lost_the_lease_writes_nothing_more(profile):
    data = orders_csv()
    run = from_path(profile, data)

    def steal(run: ImportRun) -> None:
        ImportRun.objects.filter(pk=run.pk).update(lease_owner="elsewhere/1/x", lease_until=clock.now() + LEASE)

    run = drive.run_drive(run, open_file=lambda: io.BytesIO(data), watch=Watch(1, steal))
    assert (run.state, run.lease_owner) == (State.RUNNING, "elsewhere/1/x")
    assert run.checkpoint == 1
    assert not Order.objects.exists(), "the second batch was rolled back"
    with pytest.raises(LeaseLost):
        lease_write(run, "me", checkpoint=9)


def test_the_lease_of_a_dead_process_on_this_machine_is_not_waited_for(profile):
    run = from_path(profile, orders_csv())
    owner = lease_take(run)
    host = owner.partition("/")[0]
    nobody = f"{host}/{2**22 + 1}/x"
    ImportRun.objects.filter(pk=run.pk).update(lease_owner=nobody)
    assert lease_take(run_get(run.pk))


def test_a_run_that_stops_again_and_again_ends(profile):
    run = from_path(profile, orders_csv())
    ImportRun.objects.filter(pk=run.pk).update(takes=drive.MAX_TAKES)
    run = drive.run_drive(run, open_file=lambda: io.BytesIO(b""))
    assert (run.state, run.error_code) == (State.FAILED, "stopped_repeatedly")


def test_a_profile_that_no_longer_works_is_said(profile):
    run = upload(profile, orders_csv())
    ImportRun.objects.filter(pk=run.pk).update(profile_settings={"kind": "orders", "colums": {}})
    assert runs_resume() == 1
    assert run_get(run.pk).error_code == "invalid_import_profile"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 5000,
        b"Nothing,that,fits\n1,2,3\n",
        HEAD.encode() + b'1000,2025-02-01 10:00,1,A1,"Mug,1,10.00\n' * 3,
        HEAD.encode("utf-16")[:11],
        b"x" * 3_000_000,
    ],
    ids=["empty", "zeros", "no-such-columns", "open-quote", "half-utf16", "one-long-line"],
)
def test_a_hostile_file_is_refused_whole(profile, data):
    before = everything()
    run = upload(profile, data)
    runs_resume()
    run = run_get(run.pk)
    assert run.state == State.FAILED
    assert run.error
    assert run.error_code
    assert run.file is not None, "kept for a week, for whoever wants to look"
    assert everything() == before


def test_sums_that_do_not_agree_are_an_error_and_an_alert(profile, monkeypatch):
    from core.models import Alert

    monkeypatch.setattr("connectors.services.drive.is_reconciled", lambda counts, sums: False)
    run = imported(profile, orders_csv())
    assert (run.state, run.error_code) == (State.FAILED, "not_reconciled")
    assert Alert.objects.filter(kind="import_not_reconciled", key=str(run.pk)).exists()


def test_a_run_of_another_shop_is_not_there(profile, other_merchant):
    run = upload(profile, orders_csv())
    with tenant_scope(other_merchant.pk):
        for act in (run_start, run_cancel, run_discard, run_continue):
            with pytest.raises(ImportRunNotFound):
                act(run_id=run.pk)
        assert "".join(report_chunks(run)).count("\n") < 30
        assert lease_take(run) is None


def test_the_report_names_every_line_and_keeps_formulas_from_calculating(profile):
    run = imported(profile, orders_csv(odd="9003,2025-03-01 09:10,2,A1,Mug,=1+1,10.00\n"))
    rows = report_of(run)
    noted = [row for row in rows if len(row) == 7 and row[0].isdigit()]
    assert [row[0] for row in noted] == ["5"]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_a_preview_whose_file_had_its_time_is_ended(profile):
    run = upload(profile, orders_csv())
    runs_resume()
    run.refresh_from_db()
    StoredFile.objects.filter(pk=run.file_id).update(expires_at=clock.now())
    from core.files import files_purge

    assert files_purge() == 1
    runs_resume()
    assert run_get(run.pk).state == State.CANCELLED
    assert run_get(run.pk).preview == ""
