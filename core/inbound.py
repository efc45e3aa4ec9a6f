"""Webhooks in: stored once after their signature held, then processed by a worker through the outbox."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from core import clock, outbox
from core.models import InboundWebhook
from core.tenancy import platform_scope, require_merchant_id

# A body may hold personal data; the row stays, so that the same webhook is not taken for a new one.
BODY_KEPT_FOR = timedelta(days=30)


def inbound_store(*, source: str, external_id: str, topic: str, body: str) -> bool:
    """Store a verified webhook of the open scope and queue `inbound.<source>`; False if it was there already."""
    try:
        with transaction.atomic():
            webhook = InboundWebhook.objects.create(
                merchant_id=require_merchant_id(), source=source, external_id=external_id, topic=topic, body=body
            )
            _queue(webhook)
    except IntegrityError:
        return False
    return True


def inbound_replay(webhook: InboundWebhook) -> None:
    """Process a stored webhook once more."""
    with transaction.atomic():
        _queue(webhook)


def inbound_finish(webhook: InboundWebhook, *, of_interest: bool = True) -> None:
    """Record that the worker is done with it."""
    state = InboundWebhook.State.PROCESSED if of_interest else InboundWebhook.State.IGNORED
    InboundWebhook.objects.filter(pk=webhook.pk).update(state=state, processed_at=clock.now())


def inbound_purge() -> int:
    """Empty the bodies of all merchants' webhooks that are older than 30 days; returns how many."""
    with platform_scope("purge webhook bodies"):
        old = InboundWebhook.objects.filter(received_at__lt=clock.now() - BODY_KEPT_FOR)
        return old.exclude(body="").update(body="")


def _queue(webhook: InboundWebhook) -> None:
    outbox.publish(
        f"inbound.{webhook.source}",
        aggregate_type="inbound",
        aggregate_id=webhook.pk,
        payload={"inbound_id": str(webhook.pk)},
    )
