"""Addresses in the environment become Django's settings."""

import pytest

from pro_platform import env


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://app:s%40fe@db:5433/shop", ("shop", "app", "s@fe", "db", "5433")),
        ("postgresql://app@db/shop", ("shop", "app", "", "db", "")),
        ("postgres://db", ("postgres", "", "", "db", "")),
        ("postgres://app@[::1]:5432/shop", ("shop", "app", "", "::1", "5432")),
    ],
)
def test_database_url(url, expected):
    found = env.database_settings(url)
    assert tuple(found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected


@pytest.mark.parametrize(
    ("url", "port", "ssl", "tls"),
    [
        ("smtp://me:pass@mail.example", 587, False, True),
        ("smtp://me:pass@mail.example:2525", 2525, False, True),
        ("smtps://me:pass@mail.example", 465, True, False),
        ("smtp://me:pass@127.0.0.1:1025", 1025, False, False),
    ],
)
def test_email_url(url, port, ssl, tls):
    found = env.email_settings(url)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me", "pass")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (port, ssl, tls)


def test_without_an_email_url_nothing_is_set():
    assert env.email_settings("") == {}


def test_each_test_process_has_a_redis_database_of_its_own():
    assert env.redis_database("redis://:pw@127.0.0.1:6390/0", "gw3") == "redis://:pw@127.0.0.1:6390/3"


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_switches_on(value):
    assert read_switch(value) is True


@pytest.mark.parametrize("value", ["", "0", "False", "no", "off"])
def test_switches_off(value):
    assert read_switch(value) is False


def read_switch(value):
    given = {"PRO_ENV": "test", "DATABASE_URL": "postgres://d/d", "REDIS_URL": "redis://r", "DEVTOOLS": value}
    return env.read(given)["DEVTOOLS"]
