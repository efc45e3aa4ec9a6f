"""The real processes, started the way bin/run starts them, killed and started again."""

import os
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.db import connection

from devtools.launcher.child import StartError
from devtools.launcher.identity import PROC
from devtools.launcher.programs import worker_answers
from devtools.launcher.stack import Stack


@pytest.fixture
def stack(transactional_db, tmp_path):
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    number = int(urlsplit(settings.REDIS_URL).path.strip("/")) + 12
    with Stack(tmp_path, database_url=database, redis_url=f"{settings.REDIS_URL.rpartition('/')[0]}/{number}") as made:
        yield made


@pytest.mark.processes
def test_every_process_comes_up_and_comes_back_after_a_kill(stack):
    stack.start("stripe", "web", "worker", "beat")
    redis_url = stack.environment["REDIS_URL"]
    assert httpx.get(f"{stack.url}/readyz").status_code == 200
    with pytest.raises(ValueError, match="web is already running"):
        stack.start("web")

    stack.kill("web")
    stack.kill("worker")
    assert not worker_answers(redis_url)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{stack.url}/healthz")

    stack.start("web", "worker")
    assert httpx.get(f"{stack.url}/healthz").json() == {"status": "ok"}
    assert worker_answers(redis_url)


@pytest.mark.processes
def test_no_process_outlives_its_stack(stack, tmp_path):
    with Stack(
        tmp_path / "inner",
        database_url=stack.environment["DATABASE_URL"],
        redis_url=stack.environment["REDIS_URL"],
        environment={"PRO_TEST_MARK": str(tmp_path)},
    ) as inner:
        inner.start("web")
        assert marked(tmp_path)
    assert not marked(tmp_path)


@pytest.mark.processes
def test_a_server_that_cannot_start_says_why(stack):
    stack.environment["FIELD_ENCRYPTION_KEYS"] = "nonsense"
    with pytest.raises(StartError, match="FIELD_ENCRYPTION_KEYS is malformed"):
        stack.start("web")


def marked(value) -> list[str]:
    """Ids of the processes that carry this mark in their environment."""
    wanted = f"PRO_TEST_MARK={value}".encode()
    found = []
    for folder in PROC.glob("[0-9]*"):
        try:
            if wanted in folder.joinpath("environ").read_bytes().split(b"\0"):
                found.append(folder.name)
        except OSError:
            continue
    return found
