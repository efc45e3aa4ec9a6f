"""Sending what is due, at least once.

A worker that dies between the mail server's answer and our commit sends again, with the same Message-ID.
"""

import time
from datetime import timedelta
from email.utils import formataddr, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

import structlog
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q

from core import clock
from core.tenancy import platform_scope, tenant_scope
from merchants.models import Merchant
from messaging.models import Channel, Message
from messaging.rules import next_pause
from messaging.selectors import is_suppressed

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)
# Well below the time limit of a task, so that a slow mail server does not get it killed.
RUN_SECONDS = 45

State = Message.State


def messages_send_due(*, limit: int = 500) -> int:
    """Send up to `limit` due messages of all merchants; returns how many were tried."""
    deadline = time.monotonic() + RUN_SECONDS
    tried = 0
    while tried < limit and time.monotonic() < deadline:
        message = _claim()
        if message is None:
            break
        with tenant_scope(message.merchant_id):
            _send(message)
        tried += 1
    return tried


def message_retry(*, message: Message) -> bool:
    """Queue a message again that was given up; False if it was not."""
    given_up = Message.objects.filter(merchant_id=message.merchant_id, pk=message.pk, state=State.FAILED)
    return bool(given_up.update(state=State.QUEUED, attempts=0, next_attempt_at=clock.now(), error=""))


def _claim() -> Message | None:
    """Lease the message that has waited longest; also one whose sender died."""
    at = clock.now()
    due = Q(state=State.QUEUED, next_attempt_at__lte=at) | Q(state=State.SENDING, lease_until__lt=at)
    with platform_scope("send messages"), transaction.atomic():
        message = (
            Message.objects.filter(due)
            .order_by("next_attempt_at")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if message is not None:
            message.state, message.lease_until = State.SENDING, at + LEASE
            message.attempts += 1
            message.save(update_fields=["state", "lease_until", "attempts"])
    return message


def _send(message: Message) -> None:
    """The mail server is called outside any transaction. The address may have been suppressed since it was written."""
    if withheld := is_suppressed(Channel.EMAIL, message.to_email, message.kind):
        _finish(message, state=State.SUPPRESSED, withheld_because=withheld)
        return
    if not settings.EMAIL_URL:
        _finish(message, state=State.SENT, sent_at=clock.now())
        return
    mail = _mail(message)
    try:
        mail.send()
    except (SMTPException, AnymailError, OSError, ValueError) as error:
        _failed(message, error)
        return
    status = getattr(mail, "anymail_status", None)
    provider_id = str(getattr(status, "message_id", None) or "")[:255]
    _finish(message, state=State.SENT, sent_at=clock.now(), provider_id=provider_id, error="")


def _mail(message: Message) -> EmailMultiAlternatives:
    merchant = Merchant.objects.only("name", "support_email").get(pk=message.merchant_id)
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=formataddr((merchant.name, address)),
        to=[message.to_email],
        reply_to=[merchant.support_email] if merchant.support_email else None,
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def _failed(message: Message, error: Exception) -> None:
    pause = None if _is_permanent(error) else next_pause(message.attempts)
    log.warning("message_not_sent", message_id=str(message.pk), attempts=message.attempts, exc_info=error)
    reason = f"{type(error).__name__}: {error}"[:1000]
    if pause is None:
        _finish(message, state=State.FAILED, error=reason)
    else:
        _finish(message, state=State.QUEUED, error=reason, next_attempt_at=clock.now() + pause)


def _is_permanent(error: Exception) -> bool:
    """Refused for good: trying again would only be refused again."""
    match error:
        case SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in error.recipients.values())
        case SMTPResponseException():
            return error.smtp_code >= 500
        case AnymailRecipientsRefused() | AnymailInvalidAddress():
            return True
        case AnymailAPIError():
            return error.status_code is not None and 400 <= error.status_code < 500 and error.status_code != 429
        case OSError():
            return False
    return isinstance(error, ValueError)  # a header that cannot be


def _finish(message: Message, **changes: object) -> None:
    """Only while the lease is ours: whoever took over after it ended has the say."""
    mine = Message.objects.filter(
        merchant_id=message.merchant_id, pk=message.pk, state=State.SENDING, attempts=message.attempts
    )
    mine.update(lease_until=None, **changes)
