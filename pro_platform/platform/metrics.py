"""/metrics for Prometheus: the figures of the status page, asked of the database and Valkey at each scrape.

Nothing is counted in a process, so any web process answers for the whole house, and a restart loses nothing. Figures
are of the house and not of merchants: thousands of them would be thousands of time series.
"""

import hmac
import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core.tenancy import platform_scope
from merchants.models import Merchant
from pro_platform.platform import server, status

# What a proxy adds; a request with one of them did not begin on this machine.
_FORWARDED = (
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_VIA"),
    "HTTP_X_REAL_IP",
)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if settings.METRICS_TOKEN:
        if not _has_token(request):
            return HttpResponse("Send the bearer token.", status=401, headers={"WWW-Authenticate": "Bearer"})
    elif not _is_local(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_House())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    with platform_scope("metrics"):
        body = encode(registry)
    return HttpResponse(body, content_type=content_type, headers={"Cache-Control": "no-store"})


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())


def _is_local(request: HttpRequest) -> bool:
    """A proxy on this machine is local too, so what came through one is not."""
    if any(name in request.META for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a Unix socket has no address, and a proxy at its other end
        return False


class _House(Collector):
    """Counts stop at a cap; a figure that nobody can tell now is left out, which Prometheus knows as absent."""

    def describe(self) -> list[Metric]:
        """Nothing: else the registry would collect once to find out."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from _outbox()
        yield from _pulses()
        yield _gauge("inbound_waiting", "Webhooks received and not processed.", status.inbound_waiting())
        messages = GaugeMetricFamily("pro_messages", "Mails that wait or were given up.", labels=["state"])
        messages.add_metric(["queued"], status.messages_queued())
        messages.add_metric(["failed"], status.messages_failed())
        yield messages
        yield _labelled("imports", "Imports under way.", "state", status.imports_by_state())
        yield _labelled("alerts_open", "Alerts that are open.", "kind", status.alerts_by_kind())
        yield _labelled(
            "merchants",
            "Merchants of the house.",
            "state",
            {
                "open": Merchant.objects.filter(is_suspended=False).count(),
                "closed": Merchant.objects.filter(is_suspended=True).count(),
            },
        )
        build = GaugeMetricFamily("pro_build_info", "The version that runs.", labels=["version"])
        build.add_metric([server.app_version()], 1)
        yield build


def _outbox() -> Iterator[Metric]:
    outbox = status.outbox()
    yield _gauge("outbox_pending", "Events that wait.", outbox.pending)
    yield _gauge("outbox_lag_seconds", "How late the event is that has been due longest.", outbox.lag_seconds)
    yield _gauge("outbox_dead", "Events that were given up.", outbox.dead)


def _pulses() -> Iterator[Metric]:
    pulses = status.pulses()
    yield _gauge("valkey_up", "Whether Valkey answers.", int(pulses.is_valkey_up))
    for name, meaning, value in (
        ("queue_length", "Tasks that no worker has taken.", pulses.queue),
        ("queue_taken", "Tasks that workers have taken and not finished.", pulses.taken),
        ("beat_age_seconds", "Since beat gave a sign of life.", pulses.beat_age),
        ("worker_age_seconds", "Since a worker ran what beat sends.", pulses.worker_age),
    ):
        if value is not None:
            yield _gauge(name, meaning, value)
    if pulses.slow_queries is not None:
        yield CounterMetricFamily("pro_slow_queries", "Slow statements.", value=pulses.slow_queries)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"pro_{name}", meaning, value=value)


def _labelled(name: str, meaning: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"pro_{name}", meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
