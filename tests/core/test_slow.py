"""Slow statements are kept without what they were about, and cost a query nothing when Valkey is away."""

from typing import Any

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from core.db import slow
from core.tenancy import tenant_scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _impatient(settings, monkeypatch):
    settings.SLOW_QUERY_MS = 20
    monkeypatch.setattr(slow, "_silent_until", 0.0)


def run(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_a_slow_statement_is_kept_without_values(merchant):
    with tenant_scope(merchant.pk):
        run("SELECT pg_sleep(%s), 'it''s mara@mail.example', %s", 0.03, "Rosengren")
    [query] = slow.slow_queries()
    assert query.sql == "SELECT pg_sleep(%s), '…', %s"
    assert query.milliseconds >= 30
    assert query.merchant_id == merchant.pk
    assert slow.slow_count() == 1


def test_fast_ones_are_not(merchant):
    run("SELECT 1")
    assert slow.slow_queries() == []
    assert slow.slow_count() == 0


def test_the_last_hundred_are_kept_and_all_are_counted():
    for number in range(slow.KEPT + 5):
        slow.keep(f"SELECT {number}", 600)
    kept = slow.slow_queries()
    assert [kept[0].sql, kept[-1].sql] == ["SELECT 104", "SELECT 5"]
    assert slow.slow_count() == slow.KEPT + 5


def test_one_that_fails_is_kept_too():
    with pytest.raises(DatabaseError):
        run("SELECT 1 / (SELECT 0 FROM pg_sleep(0.03))")
    assert len(slow.slow_queries()) == 1


def test_without_valkey_statements_run_and_do_not_wait_for_it_again(settings):
    url = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    run("SELECT pg_sleep(0.03)")
    settings.REDIS_URL = url
    run("SELECT pg_sleep(0.03)")
    assert slow.slow_queries() == [], "left alone for a while"
