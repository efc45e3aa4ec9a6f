"""What is old goes and nothing younger does; each purge finds its rows by an index and stops in time."""

from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connection

from connectors.models import ImportNote, ImportRun
from connectors.services.purge import NOTES, RUNS, import_runs_purge
from core import clock, retention
from core.db.direct import Database
from core.db.rows import rows_insert
from core.ids import uuid7
from core.models import IdempotencyRecord, InboundWebhook, OutboxEvent
from core.retention import purge
from core.tasks import purge_events, purge_sessions, purge_webhooks
from core.tenancy import platform_scope, tenant_scope
from portal.models import PortalLink
from portal.services.links import _OLD_LINKS, portal_links_purge
from tests.factories import paid_order

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def event(state, finished_at, **more):
    return OutboxEvent(
        name="test.happened",
        aggregate_type="test",
        aggregate_id=uuid7(),
        occurred_at=clock.now(),
        next_attempt_at=clock.now(),
        state=state,
        finished_at=finished_at,
        **more,
    )


def webhook(received_at, body="{}"):
    return InboundWebhook(
        source="stripe", external_id=str(uuid7()), topic="charge.updated", body=body, received_at=received_at
    )


def key(created_at):
    return IdempotencyRecord(
        key=str(uuid7()), fingerprint="f", lease_token=uuid7(), lease_until=created_at, created_at=created_at
    )


def run(finished_at, state="done"):
    return ImportRun(
        kind="orders",
        profile_name="p",
        profile_settings={},
        is_upload=False,
        file_name="f.csv",
        sha256="0" * 64,
        size=1,
        state=state,
        finished_at=finished_at,
    )


def note(of):
    return ImportNote(run=of, line=1, code="c", message="m", amount="0", is_line=True, phase="orders")


def test_dispatched_events_go_after_thirty_days_and_dead_ones_stay_for_half_a_year(scope, other_merchant, at):
    old, young = at - 30 * DAY - SECOND, at - 30 * DAY + SECOND
    kept = [event("done", young), event("dead", old), event("pending", None, lease_until=old), event("done", at)]
    OutboxEvent.objects.bulk_create([event("done", old), event("dead", at - 181 * DAY), *kept])
    with tenant_scope(other_merchant.pk):
        OutboxEvent.objects.bulk_create([event("done", old)])
    assert purge_events() == 3
    assert purge_events() == 0
    assert {row.pk for row in OutboxEvent.objects.all()} == {row.pk for row in kept}


def test_webhooks_go_after_half_a_year(scope, at):
    old, young = webhook(at - 180 * DAY - SECOND), webhook(at - 180 * DAY + SECOND)
    InboundWebhook.objects.bulk_create([old, young])
    assert purge_webhooks() == 1
    assert InboundWebhook.objects.get().pk == young.pk


def test_sessions_go_when_they_have_ended(db, at):
    Session.objects.create(session_key="old", session_data="", expire_date=at - SECOND)
    Session.objects.create(session_key="young", session_data="", expire_date=at + SECOND)
    assert purge_sessions() == 1
    assert Session.objects.get().session_key == "young"


def test_idempotency_keys_go_after_a_day(scope, at):
    old, young = key(at - DAY - SECOND), key(at - DAY + SECOND)
    IdempotencyRecord.objects.bulk_create([old, young])
    assert purge(retention.IDEMPOTENCY_KEYS) == 1
    assert IdempotencyRecord.objects.get().pk == young.pk


def test_links_go_ninety_days_after_they_ended(scope, at):
    order = paid_order()
    made = [
        PortalLink.objects.create(order=order, token_hash=str(n), expires_at=at - 90 * DAY + n * SECOND)
        for n in (-1, 1, 100 * 86_400)
    ]
    assert portal_links_purge() == 1
    assert set(PortalLink.objects.all()) == set(made[1:])


def test_imports_go_half_a_year_after_they_ended_and_their_notes_with_them(scope, at, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    old, young = run(at - 180 * DAY - SECOND), run(at - 180 * DAY + SECOND)
    waiting = run(None, "previewed")
    ImportRun.objects.bulk_create([old, young, waiting])
    ImportNote.objects.bulk_create([note(each) for each in (old, young, waiting) for _ in range(5)])
    assert import_runs_purge() == 1
    assert set(ImportRun.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}
    assert ImportNote.objects.count() == 10


def test_a_run_keeps_its_notes_or_loses_all_of_them_first(scope, at, monkeypatch):
    """A purge that ran out of time between the two leaves the run, for the next one."""
    old = run(at - 181 * DAY)
    ImportRun.objects.bulk_create([old])
    ImportNote.objects.bulk_create([note(old)])
    assert purge(RUNS) == 0
    assert ImportNote.objects.count() == 1


def test_days_are_settings(scope, at, settings):
    settings.RETENTION_EVENT_DAYS = 2
    OutboxEvent.objects.bulk_create([event("done", at - 3 * DAY), event("done", at - DAY)])
    assert purge_events() == 1


def test_a_backlog_is_caught_up_in_batches_and_over_runs(scope, at, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 10)
    OutboxEvent.objects.bulk_create([event("done", at - (40 + n) * DAY) for n in range(35)])
    assert purge(retention.OUTBOX_DONE, seconds=0.0) == 10, "out of time after the first batch"
    left = OutboxEvent.objects.order_by("finished_at").first()
    assert left.finished_at == at - 64 * DAY, "the oldest went first"
    assert purge(retention.OUTBOX_DONE) == 25


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_does_not_stop_the_purge(merchant, at):
    with tenant_scope(merchant.pk):
        held, _ = OutboxEvent.objects.bulk_create([event("done", at - 40 * DAY), event("done", at - 40 * DAY)])
    with Database.of_settings().connect() as other, other.transaction():
        other.execute("SELECT FROM core_outboxevent WHERE id = %s FOR UPDATE", [held.pk])
        assert purge(retention.OUTBOX_DONE) == 1
    with tenant_scope(merchant.pk):
        assert OutboxEvent.objects.get().pk == held.pk


FILLED = 20_000
PLANS = {
    retention.OUTBOX_DONE: "core_outbox_finished",
    retention.OUTBOX_DEAD: "core_outbox_finished",
    retention.INBOUND_BODIES: "core_inbound_bodies",
    retention.INBOUND_ROWS: "core_inbound_age",
    retention.IDEMPOTENCY_KEYS: "core_idempotency_age",
    retention.SESSIONS: "django_session_expire_date",
    _OLD_LINKS: "portal_link_expiry",
    NOTES: "connectors_run_finished",
    RUNS: "connectors_run_finished",
}


@pytest.fixture
def filled(scope, at):
    """Rows of years, most of them young enough, as of a shop that purges every hour."""
    step = timedelta(minutes=1)
    rows_insert(OutboxEvent, [event("done" if n % 50 else "dead", at - n * step) for n in range(FILLED)])
    rows_insert(InboundWebhook, [webhook(at - n * step, "{}" if n < FILLED / 4 else "") for n in range(FILLED)])
    IdempotencyRecord.objects.bulk_create([key(at - n * step / 10) for n in range(FILLED)])
    Session.objects.bulk_create([Session(session_key=str(n), expire_date=at + n * step) for n in range(FILLED)])
    order = paid_order()
    links = [PortalLink(order=order, token_hash=str(n), expires_at=at - n * step) for n in range(FILLED)]
    rows_insert(PortalLink, links)
    runs = ImportRun.objects.bulk_create([run(at - n * step) for n in range(FILLED // 4)])
    rows_insert(ImportNote, [note(runs[n // 4]) for n in range(FILLED)])
    with connection.cursor() as cursor:
        for what in PLANS:
            cursor.execute(f"ANALYZE {what.table}")


def test_no_purge_reads_a_whole_table(filled):
    for what, index in PLANS.items():
        with platform_scope("test"), connection.cursor() as cursor:
            before = clock.now() - what.keep()
            cursor.execute(f"EXPLAIN {what.sql}", {"before": before, "limit": retention.BATCH})
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan" not in plan, f"{what.name}\n{plan}"
        assert index in plan, f"{what.name}\n{plan}"


def test_every_purge_is_scheduled():
    tasks = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks >= {
        "core.purge_events",
        "core.purge_webhooks",
        "core.purge_webhook_bodies",
        "core.purge_idempotency_keys",
        "core.purge_sessions",
        "core.purge_files",
        "portal.purge_links",
        "connectors.purge_runs",
    }
    current_app.loader.import_default_modules()
    assert {task for task in tasks if task.partition(".")[2].startswith("purge")} <= set(current_app.tasks)
