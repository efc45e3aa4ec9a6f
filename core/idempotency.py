"""Idempotency keys: the first request under a key does the work, later ones are given its answer.

The claim is a row in its own short transaction, so that two workers cannot both hold it, and a killed one's claim can
be taken over when its lease ends. What the work itself writes must bear being done twice in that one case.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from core import retention
from core.clock import now
from core.ids import uuid7
from core.models import IdempotencyRecord

# Longer than any request may run (gunicorn's time-out is 30 s).
LEASE = timedelta(seconds=60)


class KeyReused(Exception):
    """The key belongs to a request with another method, path or body."""


class KeyInFlight(Exception):
    """The first request has not ended."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in flight for at most {seconds} s more")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    status: int
    content_type: str
    body: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work and to record its answer."""

    record_id: uuid.UUID
    token: uuid.UUID


def fingerprint(method: str, path: str, body: bytes) -> str:
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def claim(key: str, print_: str) -> Claim | StoredAnswer:
    """Claim a key of the open tenant scope, or get its answer. Raises KeyReused or KeyInFlight."""
    at, token = now(), uuid7()
    with transaction.atomic():
        fresh = IdempotencyRecord(key=key, fingerprint=print_, lease_token=token, lease_until=at + LEASE)
        IdempotencyRecord.objects.bulk_create([fresh], ignore_conflicts=True)
        record = IdempotencyRecord.objects.select_for_update().filter(key=key).first()
        if record is None:  # the first request released the key in this very moment
            raise KeyInFlight(1)
        if record.lease_token == token:
            return Claim(record.pk, token)
        if record.fingerprint != print_:
            raise KeyReused
        if record.status is not None:
            return StoredAnswer(record.status, record.content_type, record.body)
        if record.lease_until > at:
            raise KeyInFlight(max(1, round((record.lease_until - at).total_seconds())))
        record.lease_token, record.lease_until = token, at + LEASE
        record.save(update_fields=["lease_token", "lease_until"])
        return Claim(record.pk, token)


def complete(claim_: Claim, answer: StoredAnswer) -> None:
    """Record the answer, unless another worker has taken the claim over meanwhile."""
    with transaction.atomic():
        record = _held(claim_)
        if record is not None:
            record.status, record.content_type, record.body = answer.status, answer.content_type, answer.body
            record.save(update_fields=["status", "content_type", "body"])


def release(claim_: Claim) -> None:
    """Forget the key: what happened is not an answer (a fault, a rate limit), and the request may be repeated."""
    with transaction.atomic():
        record = _held(claim_)
        if record is not None:
            record.delete()


def _held(claim_: Claim) -> IdempotencyRecord | None:
    return (
        IdempotencyRecord.objects.select_for_update()
        .filter(pk=claim_.record_id, lease_token=claim_.token, status=None)
        .first()
    )


def purge() -> int:
    """Forget keys older than a day, of all merchants."""
    return retention.purge(retention.IDEMPOTENCY_KEYS)


def is_storable(status: int) -> bool:
    """Results and refusals are answers; a rate limit or a fault of ours is not."""
    return status < 500 and status != 429
