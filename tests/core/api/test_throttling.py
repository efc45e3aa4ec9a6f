"""Rate limits per key, counted in the real Valkey."""

from datetime import timedelta

import pytest

from core import clock

pytestmark = pytest.mark.django_db


def test_the_limit_is_told_and_kept(api, at, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    answers = [api.get("/orders") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["RateLimit-Limit"] == "3"
    refused = answers[3]
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"] == "60"


def test_the_next_minute_starts_anew(api, at, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    assert api.get("/orders").status_code == 200
    assert api.get("/orders").status_code == 429
    with clock.frozen(at + timedelta(minutes=1)):
        assert api.get("/orders").status_code == 200


def test_each_key_has_its_own_count(make_api, at, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    assert make_api().get("/orders").status_code == 200
    assert make_api().get("/orders").status_code == 200


def test_without_valkey_requests_go_through(api, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = api.get("/orders")
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer.headers
