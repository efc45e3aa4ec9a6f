import uuid
from dataclasses import dataclass

from core.tenancy import require_merchant_id
from orders.models import OrderTender
from payments.models import PaymentIntentRecord


@dataclass(frozen=True, slots=True)
class SavedCard:
    """The card on file that paid at checkout. Its owner, customer and method, lives with the provider."""

    provider: str
    customer: str
    payment_method: str


def saved_card(order_id: uuid.UUID) -> SavedCard | None:
    tenders = OrderTender.objects.filter(merchant_id=require_merchant_id(), order_id=order_id).order_by("position")
    tender = next(filter(is_saved_card, tenders), None)
    if tender is None:
        return None
    return SavedCard(
        provider=tender.provider,
        customer=tender.provider_customer,
        payment_method=tender.provider_payment_method,
    )


def is_saved_card(tender: OrderTender) -> bool:
    """Whether `saved_card` may be this tender: the first such one by position is charged."""
    return tender.is_chargeable and tender.provider == "stripe"


def intent_by_provider_id(provider_intent_id: str) -> PaymentIntentRecord | None:
    return PaymentIntentRecord.objects.filter(
        merchant_id=require_merchant_id(), provider_intent_id=provider_intent_id
    ).first()


def intent_list_for_order(order_id: uuid.UUID) -> list[PaymentIntentRecord]:
    """Newest first."""
    return list(
        PaymentIntentRecord.objects.filter(merchant_id=require_merchant_id(), order_id=order_id).order_by(
            "-created_at", "-id"
        )
    )


def intent_list_for_edit(edit_id: uuid.UUID) -> list[PaymentIntentRecord]:
    """Oldest attempt first."""
    return list(
        PaymentIntentRecord.objects.filter(merchant_id=require_merchant_id(), edit_id=edit_id).order_by("attempt")
    )
