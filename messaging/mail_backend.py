"""Where Django's own mails go while no mail server is set: into the message outbox of the shop."""

from collections.abc import Sequence
from uuid import uuid4

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from core import clock
from core.tenancy import current_scope
from messaging.models import Message

log = structlog.get_logger(__name__)


class OutboxBackend(BaseEmailBackend):
    """For development: sign-in mails of staff. Mails to shoppers are written to the outbox by this room's services."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        scope = current_scope()
        for mail in email_messages:
            if scope is None or scope.is_platform:
                log.warning("mail_not_sent", reason="no mail server is set", subject=mail.subject)
                continue
            for address in mail.recipients():
                Message.objects.create(
                    template="django",
                    locale="en",
                    to_email=address,
                    subject=mail.subject[:200],
                    text=str(mail.body),
                    html="",
                    dedupe_key=f"django:{uuid4()}",
                    state=Message.State.SENT,
                    sent_at=clock.now(),
                )
        return len(email_messages)
