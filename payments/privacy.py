"""Charges for a customer's edits. Amounts, states and the provider's own numbers stay for the books."""

from typing import Any

from django.db.models import Q

from core.money import amount_text
from core.privacy.identity import Identity
from core.privacy.registry import Keeper, Subject
from orders.errors import CustomerBusy
from payments.models import PaymentIntentRecord
from payments.rules import FINAL_STATES, PaymentState

_UNDER_WAY = (PaymentState.PENDING, PaymentState.REQUIRES_ACTION, PaymentState.REQUIRES_CAPTURE)


def _export(subject: Subject) -> list[dict[str, Any]]:
    records = PaymentIntentRecord.objects.filter(order_id__in=subject.order_ids).order_by("created_at")
    return [
        {
            "order_id": record.order_id,
            "at": record.created_at,
            "currency": record.currency,
            "amount": amount_text(record.amount_minor, record.currency),
            "captured": amount_text(record.captured_minor, record.currency),
            "state": record.get_status_display(),
            "provider": record.rail,
            "provider_reference": record.provider_intent_id,
        }
        for record in records
    ]


def _known(subject: Subject) -> Identity:
    """By these the provider's webhooks tell of them."""
    records = PaymentIntentRecord.objects.filter(order_id__in=subject.order_ids)
    ids = records.values_list("provider_intent_id", "provider_customer", "provider_payment_method")
    return Identity(ids=frozenset(id_ for row in ids for id_ in row if id_))


def _guard(subject: Subject) -> None:
    theirs = PaymentIntentRecord.objects.filter(order_id__in=subject.order_ids)
    in_doubt = ~Q(open_call="") & ~Q(status__in=FINAL_STATES)
    if theirs.filter(Q(status__in=_UNDER_WAY) | in_doubt).exists():
        raise CustomerBusy(what="A payment")


def _erase(subject: Subject) -> int:
    count = 0
    for record in PaymentIntentRecord.objects.filter(order_id__in=subject.order_ids):
        described = "" if subject.identity.is_named_in(record.description) else record.description
        count += PaymentIntentRecord.objects.filter(pk=record.pk).update(
            provider_customer="", provider_payment_method="", next_action_url="", description=described
        )
    return count


KEEPER = Keeper("payments", "Charges after checkout", _export, _erase, _guard, _known)
