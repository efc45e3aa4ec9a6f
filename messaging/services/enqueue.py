"""Writing a message: rendered and stored in the caller's transaction, so it is sent only if the change happened."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from core import clock
from core.colours import ink_on
from core.outbox import tell_worker
from core.tenancy import tenant_scope
from merchants.models import Merchant
from messaging.models import Channel, Message
from messaging.rules import one_line, tidy
from messaging.selectors import is_suppressed

SEND_TASK = "messaging.send_due"
SUBJECT_LIMIT = 200


def message_enqueue(
    *,
    merchant_id: int,
    template: str,
    to_email: str,
    context: Mapping[str, Any],
    dedupe_key: str,
    order_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    locale: str | None = None,
    kind: str = Message.Kind.TRANSACTIONAL,
) -> Message:
    """Render `messaging/<template>.{subject.txt,txt,html}` and queue the mail. One `dedupe_key` is one message.

    To a suppressed address it is written but never sent; `withheld_because` says why.

    `context` holds what the templates show, already formatted for people. They also see `merchant` (name, colours,
    support address) and `locale`; without one the merchant's is used. The template "notice" serves most mails.
    """
    with tenant_scope(merchant_id):
        known = Message.objects.filter(merchant_id=merchant_id, dedupe_key=dedupe_key)
        message = known.first()
        if message is not None:
            return message
        merchant = Merchant.objects.get(pk=merchant_id)
        language = locale or merchant.locale
        subject, text, html = _render(template, merchant, language, context)
        withheld = is_suppressed(Channel.EMAIL, to_email, kind)
        at = clock.now()
        try:
            with transaction.atomic():
                message = Message.objects.create(
                    merchant_id=merchant_id,
                    template=template,
                    kind=kind,
                    state=Message.State.SUPPRESSED if withheld else Message.State.QUEUED,
                    withheld_because=withheld,
                    locale=language,
                    to_email=to_email,
                    customer_id=customer_id,
                    order_id=order_id,
                    subject=subject,
                    text=text,
                    html=html,
                    dedupe_key=dedupe_key,
                    next_attempt_at=at,
                    created_at=at,
                )
        except IntegrityError:
            message = known.first()
            if message is None:
                raise
            return message
    transaction.on_commit(_kick)
    return message


def _render(template: str, merchant: Merchant, locale: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    shown = {
        "merchant": {
            "name": merchant.name,
            "colour": merchant.brand_colour,
            "text_on_colour": ink_on(merchant.brand_colour),
            "support_email": merchant.support_email,
            "address_line": merchant.address_line,
        },
        "locale": locale,
        **context,
    }
    with translation.override(_language(locale)):
        subject = one_line(_plain(f"messaging/{template}.subject.txt", shown), SUBJECT_LIMIT)
        text = tidy(_plain(f"messaging/{template}.txt", {**shown, "subject": subject}))
        html = get_template(f"messaging/{template}.html").render({**shown, "subject": subject})
    return subject, text, html


def _plain(name: str, shown: Mapping[str, Any]) -> str:
    """Text is text: an ampersand stays one."""
    template: Any = get_template(name)
    return str(template.template.render(Context(dict(shown), autoescape=False)))


def _language(locale: str) -> str:
    try:
        return translation.get_supported_language_variant(locale.lower())
    except LookupError:
        return "en"


def _kick() -> None:
    tell_worker(SEND_TASK)
