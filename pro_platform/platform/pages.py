"""What the two pages of figures show, in words: how the house is now, and the servers below."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from redis import RedisError

from core import clock
from core.admin.words import Words, duration, words_of
from core.db.slow import slow_queries
from core.tenancy import platform_scope
from merchants.models import Merchant
from pro_platform.platform import server, status

NO_ANSWER = "no answer"
ALERTS_SHOWN = 8


def now_context(request: HttpRequest) -> dict[str, Any]:
    words = words_of(request)
    pulses, outbox = status.pulses(), status.outbox()
    dead = status.dead_letters() if outbox.dead else []
    alerts = list(status.open_alerts()[:ALERTS_SHOWN])
    return {
        "title": "All shops",
        "as_of": words.time(clock.now()),
        "figures": _figures(words, pulses, outbox),
        "alerts": [{"alert": alert, "since": words.moment(alert.raised_at)} for alert in alerts],
        "dead": [{"letters": one, "oldest": words.moment(one.oldest_at)} for one in dead],
        "imports": [
            {
                "merchant": run.merchant.name,
                "file": run.file_name,
                "state": run.get_state_display(),
                "done": f"{words.number(run.items_done)} of {words.number(run.items_total)}",
                "since": words.moment(run.created_at),
            }
            for run in status.imports_under_way()
        ],
        "server_url": reverse("admin:server"),
    }


def _figures(words: Words, pulses: status.Pulses, outbox: status.Outbox) -> list[list[dict[str, str]]]:
    """Two rows: what the house is for, and the queues below it."""
    suspended = Merchant.objects.filter(is_suspended=True, delete_after=None).count()
    leaving = Merchant.objects.filter(delete_after__isnull=False).count()
    oldest = f"oldest of {words.moment(outbox.oldest_at)}" if outbox.oldest_at else "nothing waits"
    house = [
        _figure(
            "Merchants",
            words.number(Merchant.objects.count()),
            f"{words.number(suspended)} suspended, {words.number(leaving)} to be deleted",
        ),
        _figure("Last beat", _ago(pulses.beat_age), f"a worker ran {_ago(pulses.worker_age)}"),
        _figure("Events waiting", _count(words, outbox.pending), f"{_seconds(outbox.lag_seconds)} late, {oldest}"),
        _figure("Events given up", _count(words, outbox.dead), "see below" if outbox.dead else "none"),
    ]
    queues = [
        _figure("Tasks waiting", _count(words, pulses.queue), f"{_count(words, pulses.taken)} taken by workers"),
        _figure("Webhooks waiting", _count(words, status.inbound_waiting()), "received, not processed"),
        _figure(
            "Mails waiting",
            _count(words, status.messages_queued()),
            f"{_count(words, status.messages_failed())} given up",
        ),
        _figure("Slow queries", _count(words, pulses.slow_queries), "since Valkey was started"),
    ]
    return [house, queues]


def _figure(label: str, value: str, note: str) -> dict[str, str]:
    return {"label": label, "value": value, "note": note}


def _count(words: Words, value: int | None) -> str:
    if value is None:
        return NO_ANSWER
    return f"over {words.number(status.CAP)}" if value > status.CAP else words.number(value)


def _ago(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    return f"{max(round(seconds), 0)} s ago" if seconds < 120 else f"{duration(timedelta(seconds=seconds))} ago"


def _seconds(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 120 else duration(timedelta(seconds=seconds))


def server_context(request: HttpRequest) -> dict[str, Any]:
    words = words_of(request)
    database, migrations, (free, total) = server.database(), server.migrations(), server.disk()
    missing = f"{migrations.missing} not applied" if migrations.missing else "all applied"
    return {
        "title": "Servers",
        "as_of": words.time(clock.now()),
        "database": [
            ("Size", filesizeformat(database.size)),
            ("Connections", f"{database.connections} of {database.max_connections}"),
            ("Migrations", f"{words.number(migrations.applied)}, {missing}; last {migrations.last}"),
            ("Free on this server’s disk", f"{filesizeformat(free)} of {filesizeformat(total)}"),
        ],
        "tables": [
            {"name": one.name, "size": filesizeformat(one.size), "rows": words.number(one.rows)}
            for one in database.tables
        ],
        "versions": server.versions(database),
        "slow": _slow(words),
    }


def _slow(words: Words) -> list[dict[str, Any]] | None:
    """None where Valkey, which keeps them, does not answer."""
    try:
        queries = slow_queries()
    except RedisError:
        return None
    ids = {query.merchant_id for query in queries if query.merchant_id is not None}
    with platform_scope("names of merchants"):
        names = dict(Merchant.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        {
            "at": words.moment(query.at),
            "milliseconds": words.number(query.milliseconds),
            "merchant": names.get(query.merchant_id or 0, "–"),
            "sql": query.sql,
        }
        for query in queries
    ]
