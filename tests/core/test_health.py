"""/healthz and /readyz, with servers that are there and servers that are not."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from core import clock, health
from core.tasks import heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent_port():
    """Accepts connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    yield listener.getsockname()[1]
    listener.close()


def test_healthz_needs_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert client.post("/healthz").status_code == 405


def test_readyz_when_all_is_well(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "ready"
    assert {name for name, check in answer.json()["checks"].items() if check["ok"]} == set(health.CHECKS)
    assert answer.headers["Cache-Control"] == "no-store"


def test_readyz_without_redis(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] == {"ok": False, "detail": "ConnectionError."}
    assert answer.json()["checks"]["database"]["ok"]


def test_readyz_with_a_redis_that_hangs_answers_in_time(client, settings, silent_port):
    settings.REDIS_URL = f"redis://127.0.0.1:{silent_port}/0"
    started = time.monotonic()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert not answer.json()["checks"]["redis"]["ok"]
    assert time.monotonic() - started < 2 * health.CHECK_SECONDS


def test_a_check_that_never_ends_is_cut(client, monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.3)
    monkeypatch.setitem(health.CHECKS, "redis", lambda: str(done.wait(30)))
    answer = client.get("/readyz")
    done.set()
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"]["detail"] == "No answer within 0.3 s."


@pytest.mark.parametrize("skew", [timedelta(milliseconds=-700), timedelta(seconds=40)])
def test_a_clock_that_is_off_is_not_ready(skew):
    with clock.frozen(clock.now() + skew), pytest.raises(health.NotReady, match="ms apart"):
        health.check_clock()


def test_a_missing_migration_is_named():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'orders' AND name = '0001_initial'")
    with pytest.raises(health.NotReady, match=r"1 not applied, the first is orders\.0001_initial"):
        health.check_migrations()


class TestFull:
    def test_before_the_first_beat(self, client):
        answer = client.get("/readyz?full=1")
        assert answer.status_code == 503
        assert answer.json()["checks"]["worker"]["detail"] == "Beat or the worker has not run yet."
        assert client.get("/readyz").status_code == 200

    def test_after_a_beat(self, client):
        heartbeat()
        assert client.get("/readyz?full=1").status_code == 200

    def test_a_beat_of_long_ago(self, client):
        with clock.frozen(clock.now() - timedelta(minutes=5)):
            heartbeat()
        assert "300 s ago" in client.get("/readyz?full=1").json()["checks"]["worker"]["detail"]


def test_a_role_that_policies_do_not_bind_is_not_ready(monkeypatch):
    assert health.check_database() == "Answers."
    monkeypatch.setattr(health, "IS_UNBOUND_SQL", "SELECT true")
    with pytest.raises(health.NotReady, match="Use a plain role"):
        health.check_database()
