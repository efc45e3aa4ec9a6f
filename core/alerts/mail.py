"""The mail to operators: one letter with all that is due, straight to the mail server, through no shop's outbox."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction

from core import clock
from core.models import Alert

log = structlog.get_logger(__name__)

# Who mails an alert has so long; if it dies or the mail server refuses, the next look tries again.
LEASE = timedelta(minutes=5)
AT_ONCE = 100


def alerts_mail() -> int:
    """Mail what is due; returns how many alerts were mailed. Call it outside any transaction."""
    due = _claim()
    if not due:
        return 0
    recipients = operator_addresses()
    if not recipients:
        log.error("alert_not_mailed", reason="There are neither OPERATOR_EMAILS nor operators.")
        return 0
    try:
        _letter(due, recipients).send()
    except (OSError, ValueError) as error:  # of the mail server (smtplib's are OSErrors too), of an address
        log.error("alert_not_mailed", exc_info=error)
        return 0
    mine = Alert.objects.filter(pk__in=[alert.pk for alert in due], mail_due_at__isnull=False)
    return mine.update(mail_due_at=None, mailed_at=clock.now())


def operator_addresses() -> list[str]:
    if settings.OPERATOR_EMAILS:
        return list(settings.OPERATOR_EMAILS)
    operators = get_user_model()._default_manager.filter(is_operator=True, is_active=True)
    return list(operators.order_by("pk").values_list("email", flat=True))


def _claim() -> list[Alert]:
    at = clock.now()
    with transaction.atomic():
        due = Alert.objects.select_for_update(skip_locked=True).filter(mail_due_at__lte=at).order_by("raised_at")
        found = list(due[:AT_ONCE])
        Alert.objects.filter(pk__in=[alert.pk for alert in found]).update(mail_due_at=at + LEASE)
    return found


def _letter(alerts: Sequence[Alert], recipients: list[str]) -> EmailMessage:
    first = alerts[0].message.splitlines()[0][:120]
    subject = first if len(alerts) == 1 else f"{first} (and {len(alerts) - 1} more)"
    lines = [f"{alert.message}\nSince {alert.raised_at:%Y-%m-%d %H:%M} UTC." for alert in alerts]
    text = "\n\n".join([*lines, f"All alerts: {settings.PUBLIC_URL}/platform/"])
    return EmailMessage(f"[PRO Platform] {subject}", text, to=recipients, headers={"Auto-Submitted": "auto-generated"})
