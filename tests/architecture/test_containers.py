"""The container files start the very processes that bin/run starts."""

import json
import re
from pathlib import Path

import pytest
import yaml

from devtools import processes
from devtools.processes import Process

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
ROLES = [processes.WEB, processes.WORKER, processes.BEAT]


@pytest.mark.parametrize("process", ROLES, ids=lambda process: process.name)
def test_compose_starts_the_same_commands(process: Process):
    assert COMPOSE["services"][process.name]["command"] == process.words(processes.PRODUCTION)


def test_the_image_starts_the_web_server_by_default():
    command = json.loads(re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[-1])
    assert command == processes.WEB.words(processes.PRODUCTION)


def test_compose_has_every_service_and_each_is_watched():
    services = COMPOSE["services"]
    assert set(services) == {"web", "worker", "beat", "migrate", "postgres", "valkey"}
    checked = {name for name, service in services.items() if "test" in service.get("healthcheck", {})}
    assert checked == {"worker", "beat", "postgres", "valkey"}
    assert "HEALTHCHECK" in DOCKERFILE, "web has the one of the image"


def test_the_image_is_built_in_stages_and_runs_as_an_ordinary_user():
    final = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert DOCKERFILE.count("FROM ") >= 2
    assert re.search(r"^USER app$", final, re.MULTILINE)
    assert final.index("USER app") < final.index("\nCMD ")


def test_what_only_developers_need_stays_out_of_the_image():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {"devtools", "tests", ".venv", "var", ".git"} <= set(ignored)
    assert "requirements-dev" not in DOCKERFILE


def test_bin_run_fills_every_placeholder():
    for process in (*ROLES, processes.STRIPE, processes.ARRIVALS):
        words = process.words({**processes.DEVELOPMENT, "port": "1", "state": "var/stripe"})
        assert not [word for word in words if "{" in word]
