"""Webhooks from Stripe. Only a hint: the intent is fetched and applied, so order and repetition do not matter."""

import json
import uuid
from typing import Any

from core import clock
from core.inbound import inbound_finish, inbound_store
from core.models import InboundWebhook
from core.tenancy import require_merchant_id
from payments.errors import RailSilent, WebhookMalformed, WebhookSignatureInvalid
from payments.models import PaymentEvent, PaymentIntentRecord, StripeAccount
from payments.rules import PaymentState, signature_holds
from payments.selectors import intent_by_provider_id
from payments.services.charges import payment_refresh

SOURCE = "stripe"


def webhook_receive(*, body: bytes, signature: str) -> bool:
    """Verify and store; False if it was there already, or is another merchant's.

    Raises WebhookSignatureInvalid, WebhookMalformed.
    """
    account = StripeAccount.objects.filter(merchant_id=require_merchant_id()).first()
    if account is None or not signature_holds(body, signature, account.webhook_secrets, clock.now()):
        raise WebhookSignatureInvalid
    event_id, topic, subject = _read(body)
    if not event_id or not topic:
        raise WebhookMalformed
    if _names_another_merchant(subject):
        return False
    return inbound_store(source=SOURCE, external_id=event_id, topic=topic, body=body.decode())


def _names_another_merchant(subject: dict[str, Any]) -> bool:
    """Shops on one Stripe account all get its events; one shop's payments must not lie among another's rows."""
    mark = subject.get("metadata")
    return isinstance(mark, dict) and mark.get("merchant", str(require_merchant_id())) != str(require_merchant_id())


def webhook_process(*, inbound_id: uuid.UUID) -> None:
    """Bring the intent that a stored webhook is about up to date. Safe to repeat, and to be repeated on RailSilent."""
    webhook = InboundWebhook.objects.get(merchant_id=require_merchant_id(), pk=inbound_id)
    _, _, subject = _read(webhook.body.encode())
    record = _record_of(subject)
    if record is not None:
        outcome = payment_refresh(intent_id=record.pk, source=PaymentEvent.Source.WEBHOOK)
        if outcome.state in (PaymentState.UNKNOWN, PaymentState.UNAVAILABLE):
            raise RailSilent
    inbound_finish(webhook, of_interest=record is not None)


def _record_of(subject: dict[str, Any]) -> PaymentIntentRecord | None:
    """Ours by the provider's id or, if the webhook is quicker than the answer to our call, by our mark on it."""
    if subject.get("object") != "payment_intent":
        return None
    known = intent_by_provider_id(str(subject.get("id", "")))
    mark = subject.get("metadata")
    if known is not None or not isinstance(mark, dict):
        return known
    if mark.get("merchant") != str(require_merchant_id()):
        return None
    try:
        payment_id = uuid.UUID(str(mark.get("payment", "")))
    except ValueError:
        return None
    return PaymentIntentRecord.objects.filter(merchant_id=require_merchant_id(), pk=payment_id).first()


def _read(body: bytes) -> tuple[str, str, dict[str, Any]]:
    """Event id, type and the object it is about; empty where the body does not have them."""
    try:
        event = json.loads(body)
    except ValueError as error:  # also invalid UTF-8
        raise WebhookMalformed from error
    if not isinstance(event, dict):
        raise WebhookMalformed
    data = event.get("data")
    subject = data.get("object") if isinstance(data, dict) else None
    return (
        _text(event.get("id"), 255),
        _text(event.get("type"), 100),
        subject if isinstance(subject, dict) else {},
    )


def _text(value: object, limit: int) -> str:
    return value if isinstance(value, str) and len(value) <= limit and "\x00" not in value else ""
