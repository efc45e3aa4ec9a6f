"""Mails to a customer. Which there were stays countable; whom they went to and what they said goes."""

from typing import Any

from django.db.models import Q, QuerySet

from core.ids import without_link_tokens
from core.privacy.identity import Identity, fold
from core.privacy.registry import Keeper, Subject
from messaging.models import Channel, Message, Suppression
from messaging.selectors import suppression_reasons
from orders.models import Customer
from orders.services.customers import normalise

State = Message.State


def _theirs(subject: Subject) -> QuerySet[Message]:
    """Their mails, and those to their address that nobody else has and that belong to no order."""
    own = [email for email in subject.identity.emails if fold(email) not in subject.identity.shared]
    return Message.objects.filter(
        Q(customer_id=subject.customer_id)
        | Q(order_id__in=subject.order_ids)
        | Q(customer=None, order=None, to_email__in=own)
    )


def _known(subject: Subject) -> Identity:
    """Addresses that they had when earlier mails were written; some may be somebody else's by now."""
    mine = Message.objects.filter(Q(customer_id=subject.customer_id) | Q(order_id__in=subject.order_ids))
    addresses = list(mine.exclude(to_email="").order_by().values_list("to_email", flat=True).distinct())
    others = Customer.objects.exclude(pk=subject.customer_id)
    shared = others.filter(email_normalised__in=map(normalise, addresses)).values_list("email_normalised", flat=True)
    return Identity(emails=frozenset(addresses), shared=frozenset(map(fold, shared)))


def _export(subject: Subject) -> list[dict[str, Any]]:
    return [
        {
            "to": message.to_email,
            "subject": message.subject,
            "text": without_link_tokens(message.text),
            "state": message.get_state_display(),
            "written_at": message.created_at,
            "sent_at": message.sent_at,
        }
        for message in _theirs(subject).order_by("created_at")
    ]


def _export_suppressions(subject: Subject) -> list[dict[str, str]]:
    reasons = suppression_reasons(Channel.EMAIL, subject.identity.emails)
    return [
        {"channel": Channel.EMAIL.value, "address": address, "reason": Suppression.Reason(reason).label}
        for address, reason in sorted(reasons.items())
    ]


def _erase(subject: Subject) -> int:
    messages = _theirs(subject)
    unsent = messages.filter(state__in=[State.QUEUED, State.SENDING, State.FAILED])
    unsent.update(state=State.SUPPRESSED, withheld_because=Message.Withheld.ERASED, lease_until=None)
    for message in messages.only("pk", "merchant_id", "dedupe_key"):
        if subject.identity.is_named_in(message.dedupe_key):
            Message.objects.filter(pk=message.pk).update(dedupe_key=f"erased:{message.pk}")
    return messages.update(subject="Erased", text="", html="", error="", provider_id="", to_email="")


MESSAGES = Keeper("messages", "Mails, sent and not sent", _export, _erase, known=_known)
SUPPRESSIONS = Keeper("suppressions", "Addresses that are not written to", _export_suppressions)
