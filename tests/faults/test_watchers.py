"""Beat dies: a worker notices. All workers die: beat notices. Real processes, real kills."""

import os

import pytest
from django.conf import settings as django_settings
from django.db import connection

from core.models import Alert
from devtools.launcher.stack import Stack, wait_until
from tests.faults.test_kill_matrix import database_url

pytestmark = pytest.mark.processes

# Heartbeats come every five seconds.
SILENCE = {"ALERT_AFTER_SECONDS": "7", "OPERATOR_EMAILS": "op@pro.example"}


def is_open(kind: str) -> bool:
    connection.close()
    return Alert.objects.filter(kind=kind, resolved_at=None, mailed_at__isnull=False).exists()


# Full runs let both die.
VICTIMS = ["beat", "worker"] if os.environ.get("PRO_TEST_FULL") else ["beat"]


@pytest.mark.parametrize("victim", VICTIMS)
def test_the_other_notices_and_operators_are_mailed(transactional_db, tmp_path, victim):
    urls = {"database_url": database_url(), "redis_url": django_settings.REDIS_URL}
    with Stack(tmp_path, **urls, environment=SILENCE) as stack:
        stack.start("worker", "beat")
        assert not is_open(victim)
        stack.kill(victim)
        wait_until(lambda: is_open(victim), 40, f"the alert that {victim} is gone")
