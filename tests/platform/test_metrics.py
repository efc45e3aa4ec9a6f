"""/metrics: whom it answers, what it says, and that it stays cheap on tables that grow."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from core.alerts import alert_raise
from core.db import slow
from core.pulse import beat_pulse
from core.tasks import heartbeat
from core.tenancy import platform_scope, tenant_scope
from pro_platform.platform import status
from tests.tenancy.rows import one_of_everything

pytestmark = pytest.mark.django_db
TOKEN = "t0ken-" * 5


def scrape(client: Client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_the_figures_of_the_house(client, merchant, other_merchant, django_assert_max_num_queries):
    with tenant_scope(merchant.pk):
        one_of_everything()
    alert_raise("import", "1", "Import 1 does not add up.")
    slow.keep("SELECT 1", 900)
    beat_pulse()
    heartbeat()
    with django_assert_max_num_queries(12):
        found = scrape(client)
    assert found[("pro_outbox_dead",)] == 1
    assert found[("pro_outbox_pending",)] >= 1
    assert 0 <= found[("pro_outbox_lag_seconds",)] < 60
    assert found[("pro_inbound_waiting",)] == 1
    assert found[("pro_alerts_open", "import")] == 1
    assert found[("pro_merchants", "open")] == 2
    assert found[("pro_messages", "queued")] == 1
    assert found[("pro_messages", "failed")] == 0
    assert found[("pro_slow_queries_total",)] == 1
    assert 0 <= found[("pro_beat_age_seconds",)] < 5
    assert 0 <= found[("pro_worker_age_seconds",)] < 5
    assert found[("pro_valkey_up",)] == 1
    assert ("pro_queue_length",) in found
    assert ("pro_imports", "running") in found


def test_the_guide_names_every_figure_and_no_other(client, merchant):
    alert_raise("import", "1", "Import 1 does not add up.")
    beat_pulse()
    heartbeat()
    named = set(re.findall(r"\bpro_[a-z_]+", (settings.BASE_DIR / "docs" / "operating.md").read_text()))
    assert named == {name for name, *_ in scrape(client)} - {"pro_slow_queries_created"}


def test_no_merchant_is_a_label(client, merchant):
    with tenant_scope(merchant.pk):
        one_of_everything()
    assert "harrow" not in client.get("/metrics").content.decode().lower()


def test_prometheus_is_told_what_it_gets(client):
    plain = client.get("/metrics")
    assert plain["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert plain["Cache-Control"] == "no-store"
    open_metrics = client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert open_metrics["Content-Type"].startswith("application/openmetrics-text")
    assert open_metrics.content.endswith(b"# EOF\n")


def test_without_valkey_its_figures_are_absent(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = scrape(client)
    assert found[("pro_valkey_up",)] == 0
    assert ("pro_queue_length",) not in found
    assert ("pro_outbox_pending",) in found


class TestDoor:
    def test_without_a_token_only_this_machine_and_past_no_proxy(self, client):
        assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
        assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
        assert client.get("/metrics", REMOTE_ADDR="").status_code == 404
        for header in ("x-forwarded-for", "x-forwarded-proto", "x-real-ip", "forwarded", "via"):
            assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404

    def test_with_a_token_only_whoever_has_it(self, client, settings):
        settings.METRICS_TOKEN = TOKEN
        for value in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer t0kén"):
            answer = client.get("/metrics", headers={"authorization": value})
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}, REMOTE_ADDR="203.0.113.7")
        assert answer.status_code == 200

    def test_it_only_reads(self, client):
        assert client.post("/metrics").status_code == 405

    def test_a_shop_has_none(self, client, merchant):
        assert client.get("/m/harrow/metrics").status_code == 404


# Each holds only rows that wait or were given up, however many there were before.
PARTIAL = {
    "core_outbox_due",
    "core_outbox_order",
    "core_outbox_dead",
    "core_inbound_waiting",
    "messaging_message_due",
    "messaging_message_failed",
    "connectors_run_due",
}


def test_no_figure_reads_more_than_what_waits(db):
    """The tables are empty here, so the planner is told to use an index; which one is what matters."""
    plans = []

    def explained(execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            execute(f"EXPLAIN {sql}", params, many, context)
            plans.extend(row[0] for row in context["cursor"].fetchall())
        return execute(sql, params, many, context)

    growing = ("core_outboxevent", "core_inboundwebhook", "messaging_message", "connectors_importrun")
    with platform_scope("test"), connection.cursor() as cursor:
        # What other tests have rolled back still fills pages.
        cursor.execute(f"TRUNCATE {', '.join(growing)} CASCADE")
        cursor.execute("SET LOCAL enable_seqscan = off")
        with connection.execute_wrapper(explained):
            status.outbox(), status.dead_letters(), status.inbound_waiting()
            status.messages_queued(), status.messages_failed()
            status.imports_by_state(), status.imports_under_way()
    used = set(re.findall(r"Scan (?:using|on) (\w+)", "\n".join(plans)))
    assert {name for name in used if name.startswith(tuple(growing)) and name not in PARTIAL} <= set(growing)
    assert PARTIAL - {"core_outbox_order"} <= used
    assert [line for line in plans if re.search(rf"Seq Scan on ({'|'.join(growing)})\b", line)] == []
