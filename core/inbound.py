"""Webhooks in: stored once after their signature held, then processed by a worker through the outbox."""

from django.db import IntegrityError, transaction

from core import clock, outbox, retention
from core.models import InboundWebhook
from core.tenancy import require_merchant_id


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
    """Empty the old bodies of all merchants' webhooks; returns how many.

    A body may hold personal data; the row stays for longer, so that the same webhook is not taken for a new one.
    """
    return retention.purge(retention.INBOUND_BODIES)


def _queue(webhook: InboundWebhook) -> None:
    outbox.publish(
        f"inbound.{webhook.source}",
        aggregate_type="inbound",
        aggregate_id=webhook.pk,
        payload={"inbound_id": str(webhook.pk)},
    )
