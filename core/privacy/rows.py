"""The core's own rows: answers under idempotency keys, webhook bodies, what errors said."""

import json
from typing import Any

from core.api.errors import AnswerErased
from core.api.problems import CONTENT_TYPE, from_domain
from core.models import IdempotencyRecord, InboundWebhook, OutboxEvent
from core.privacy.registry import Keeper, Subject

CHUNK = 200
ERASED, NOTHING = "Erased.", "{}"


def _export(subject: Subject) -> list[dict[str, Any]]:
    """Copies as they came in; what they say stands in the other sections."""
    bodies = InboundWebhook.objects.exclude(body="").order_by("received_at")
    return [
        {"from": hook.source, "topic": hook.topic, "received_at": hook.received_at}
        for hook in bodies.iterator(CHUNK)
        if subject.identity.is_told_of(hook.body)
    ]


def _erase(subject: Subject) -> int:
    return _bodies(subject) + _answers(subject) + _errors(subject)


def _bodies(subject: Subject) -> int:
    told = [
        hook.pk
        for hook in InboundWebhook.objects.exclude(body="").only("pk", "merchant_id", "body").iterator(CHUNK)
        if subject.identity.is_told_of(hook.body)
    ]
    hooks = InboundWebhook.objects.filter(pk__in=told)
    # Those that wait are still read: as a body that is of no interest to anybody, not as a broken one.
    hooks.filter(state=InboundWebhook.State.RECEIVED).update(body=NOTHING)
    hooks.exclude(state=InboundWebhook.State.RECEIVED).update(body="")
    return len(told)


def _answers(subject: Subject) -> int:
    """A repeated request is not done again: it hears that its answer is gone."""
    gone, count = from_domain(AnswerErased()), 0
    for record in IdempotencyRecord.objects.exclude(status=None).iterator(CHUNK):
        if subject.identity.is_told_of(record.body):
            record.status, record.content_type, record.body = gone.status, CONTENT_TYPE, json.dumps(gone.body())
            record.save(update_fields=["status", "content_type", "body"])
            count += 1
    return count


def _errors(subject: Subject) -> int:
    named = [
        event.pk
        for event in OutboxEvent.objects.exclude(last_error="").only("pk", "merchant_id", "last_error").iterator(CHUNK)
        if subject.identity.is_named_in(event.last_error)
    ]
    return OutboxEvent.objects.filter(pk__in=named).update(last_error=ERASED)


KEEPER = Keeper("copies", "Copies of what other systems sent, kept for 30 days", _export, _erase)
