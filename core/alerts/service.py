from collections.abc import Mapping
from datetime import timedelta

import structlog
from django.db import transaction

from core import clock
from core.alerts.mail import alerts_mail
from core.models import Alert

log = structlog.get_logger(__name__)

# What is still wrong after a day is mailed once more.
AGAIN_AFTER = timedelta(hours=24)


def alert_raise(kind: str, key: str, message: str) -> Alert:
    """Open an alert, or say that an open one still holds. Operators are mailed after the commit, once a day at most.

    The mail is sent in this process: not for requests that somebody waits for.
    """
    at = clock.now()
    with transaction.atomic():
        alert, is_new = Alert.objects.select_for_update().get_or_create(
            kind=kind, key=key, resolved_at=None, defaults={"message": message, "raised_at": at, "mail_due_at": at}
        )
        if is_new:
            log.error("alert_raised", kind=kind, key=key, text=message)
        elif alert.mail_due_at is None and alert.mailed_at and alert.mailed_at <= at - AGAIN_AFTER:
            alert.mail_due_at = at
        alert.message, alert.seen_at = message, at
        alert.save(update_fields=["message", "seen_at", "mail_due_at"])
        if alert.mail_due_at is not None:
            transaction.on_commit(alerts_mail)
    return alert


def alert_resolve(kind: str, key: str) -> bool:
    """The cause is gone; False if there was no open alert. What was not mailed yet needs no mail any more."""
    return bool(_resolve(kind, key=key))


def alerts_settle(kind: str, causes: Mapping[str, str]) -> None:
    """All causes of this kind that there are now, message by key: raises these, resolves every other one."""
    for key, message in causes.items():
        alert_raise(kind, key, message)
    open_keys = Alert.objects.filter(kind=kind, resolved_at=None).values_list("key", flat=True)
    for key in set(open_keys) - set(causes):
        _resolve(kind, key=key)


def _resolve(kind: str, *, key: str) -> int:
    resolved = Alert.objects.filter(kind=kind, key=key, resolved_at=None).update(
        resolved_at=clock.now(), mail_due_at=None
    )
    if resolved:
        log.info("alert_resolved", kind=kind, key=key)
    return resolved
