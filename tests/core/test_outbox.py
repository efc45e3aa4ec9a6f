"""Events: in the transaction, at least once, in order per aggregate, never lost, never stuck."""

import re
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection, connections, transaction

from core import clock, outbox
from core.ids import uuid7
from core.models import OutboxEvent
from core.tenancy import platform_scope, tenant_scope

A, B = uuid7(), uuid7()


@pytest.fixture
def seen(monkeypatch):
    """What a subscriber of `test.happened` was given; it fails while its name is in `failing`."""
    calls, failing = [], set()

    def handler(event):
        if "first" in failing:
            raise RuntimeError("not today")
        calls.append((event.aggregate_id, event.payload["n"]))

    monkeypatch.setattr(outbox, "_subscribers", {"test.happened": {"first": handler}})
    return SimpleNamespace(calls=calls, failing=failing)


def publish(n, aggregate=A):
    with transaction.atomic():
        return outbox.publish("test.happened", aggregate_type="test", aggregate_id=aggregate, payload={"n": n})


def test_publishing_needs_a_transaction(merchant, transactional_db):
    with tenant_scope(merchant.pk), pytest.raises(transaction.TransactionManagementError):
        outbox.publish("test.happened", aggregate_type="test", aggregate_id=A)


def test_a_rolled_back_change_reports_nothing(scope, seen):
    def change():
        with transaction.atomic():
            publish(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    outbox.dispatch_due()
    assert seen.calls == []


def test_events_of_an_aggregate_arrive_in_order(scope, seen):
    for n in range(5):
        publish(n, A)
        publish(n, B)
    assert outbox.dispatch_due() == 10
    assert [n for aggregate, n in seen.calls if aggregate == A] == [0, 1, 2, 3, 4]
    assert [n for aggregate, n in seen.calls if aggregate == B] == [0, 1, 2, 3, 4]


def test_a_failing_event_holds_back_only_its_own_aggregate(scope, seen, monkeypatch):
    def picky(event):
        if event.aggregate_id == A:
            raise RuntimeError("not this one")
        seen.calls.append(event.payload["n"])

    monkeypatch.setattr(outbox, "_subscribers", {"test.happened": {"picky": picky}})
    publish(1, A), publish(2, A), publish(3, B)
    outbox.dispatch_due()
    assert seen.calls == [3]
    assert [row.attempts for row in OutboxEvent.objects.order_by("id")] == [1, 0, 0]


def test_a_failed_event_is_tried_again_later_and_then_given_up(scope, seen, at):
    publish(1)
    seen.failing.add("first")
    moment = at
    for attempt in range(1, outbox.MAX_ATTEMPTS + 1):
        with clock.frozen(moment):
            outbox.dispatch_due()
            row = OutboxEvent.objects.get()
            assert row.attempts == attempt
            assert "RuntimeError: not today" in row.last_error
        moment = row.next_attempt_at
    assert row.state == OutboxEvent.State.DEAD
    seen.failing.clear()
    with clock.frozen(moment + timedelta(days=1)):
        outbox.replay(row)
        outbox.dispatch_due()
    assert seen.calls == [(A, 1)]
    assert OutboxEvent.objects.get().state == OutboxEvent.State.DONE


def test_what_an_error_says_is_kept_without_what_must_not_or_cannot_be(scope, monkeypatch):
    def handler(event):
        raise ValueError("for ada@shop.example at /l/tok123: \x00 \ud800")

    monkeypatch.setattr(outbox, "_subscribers", {"test.happened": {"first": handler}})
    row = publish(1)
    outbox.dispatch_due()
    row.refresh_from_db()
    assert (row.attempts, row.last_error) == (1, "first: ValueError: for [e-mail] at /l/[token]  ?")


def test_subscribers_that_are_done_are_not_asked_again(scope, seen, monkeypatch, at):
    def good(event):
        seen.calls.append("good")

    def bad(event):
        if "bad" in seen.failing:
            raise RuntimeError
        seen.calls.append("bad")

    monkeypatch.setattr(outbox, "_subscribers", {"test.happened": {"good": good, "bad": bad}})
    seen.failing.add("bad")
    publish(1)
    outbox.dispatch_due()
    seen.failing.clear()
    with clock.frozen(at + timedelta(minutes=1)):
        outbox.dispatch_due()
    assert seen.calls == ["good", "bad"]


def test_a_killed_workers_events_go_on_when_its_lease_ends(scope, seen, at):
    publish(1)
    dead_worker = uuid7()
    claimed = outbox._claim(dead_worker, 10)
    assert len(claimed) == 1
    assert outbox.dispatch_due() == 0
    with clock.frozen(at + outbox.LEASE + timedelta(seconds=1)):
        assert outbox.dispatch_due() == 1
        assert outbox._dispatch(claimed[0], dead_worker) == 0  # the dead one comes back: too late
    assert seen.calls == [(A, 1)]


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_do_not_share_an_event(merchant, seen):
    with tenant_scope(merchant.pk):
        for n in range(30):
            publish(n, uuid7())
    barrier = threading.Barrier(2)

    def run():
        barrier.wait()
        outbox.dispatch_due()
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(n for _, n in seen.calls) == list(range(30))


@pytest.mark.parametrize(
    ("waiting", "statistics"), [(20, "of today"), (20, "of an empty table"), (20, "none"), (20_000, "of today")]
)
def test_the_claim_stays_cheap_when_the_table_has_grown(scope, at, waiting, statistics):
    """Due events in their order by one index, the head of each aggregate by another; nothing is joined."""
    with platform_scope("test"), connection.cursor() as cursor:
        # What other tests have rolled back still fills pages; and the lock keeps autovacuum away until the end.
        cursor.execute("TRUNCATE core_outboxevent")
        if statistics == "of an empty table":
            cursor.execute("ANALYZE core_outboxevent")
        cursor.execute(
            """
            INSERT INTO core_outboxevent (merchant_id, name, aggregate_type, aggregate_id, payload, handled, attempts,
                last_error, occurred_at, next_attempt_at, state)
            SELECT %s, 'test.happened', 'test', gen_random_uuid(), '{}', '[]', 0, '', %s, %s,
                CASE WHEN n <= %s THEN 'pending' ELSE 'done' END FROM generate_series(1, 20000) AS n
            """,
            [scope.pk, at, at, waiting],
        )
        if statistics == "of today":
            cursor.execute("ANALYZE core_outboxevent")
        cursor.execute("EXPLAIN " + outbox._CLAIM_SQL, {"now": clock.now(), "limit": 20})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    used = set(re.findall(r"core_outbox\w+", plan)) - {"core_outboxevent"}
    assert used == {"core_outbox_due", "core_outbox_order"}, plan
    assert not re.search(r"Seq Scan|Join", plan), plan
    assert re.search(r"using core_outbox_order .*\n\s+Index Cond: .*merchant_id.*aggregate_id.*id <", plan), plan


def test_a_broker_that_is_down_is_asked_once_and_then_left_alone(monkeypatch, caplog):
    """Whoever commits must not wait for it again and again; the rows are found by beat's sweep."""
    monkeypatch.setattr(outbox, "_silent_until", 0.0)
    with Celery(broker="redis://127.0.0.1:1/0", set_as_current=False) as app:
        app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        monkeypatch.setattr(outbox, "current_app", app)
        started = time.monotonic()
        outbox.tell_worker(outbox.DISPATCH_TASK)
        outbox.tell_worker(outbox.DISPATCH_TASK)
        assert time.monotonic() - started < 2
    told = [record.msg["event"] for record in caplog.records if record.name == "core.outbox"]
    assert told == ["broker_unreachable"]
