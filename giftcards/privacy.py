"""Cards that a customer is known to hold. The money is whoever's the card is: it stays, under nobody's name."""

from typing import Any

from core.money import amount_text
from core.privacy.registry import Keeper, Subject
from giftcards.models import OpeningBalance


def _export(subject: Subject) -> list[dict[str, Any]]:
    cards = OpeningBalance.objects.filter(customer_id=subject.customer_id).order_by("imported_at")
    return [
        {
            "last4": card.last4,
            "currency": card.currency,
            "balance": amount_text(card.balance_minor, card.currency),
            "issued_at": card.issued_at,
            "expires_at": card.expires_at,
            "note": card.note,
        }
        for card in cards
    ]


def _erase(subject: Subject) -> int:
    theirs = OpeningBalance.objects.filter(customer_id=subject.customer_id)
    count = theirs.update(customer=None, note="")
    noted = [
        card.pk
        for card in OpeningBalance.objects.exclude(note="").only("pk", "merchant_id", "note").iterator(500)
        if subject.identity.is_told_of(card.note)
    ]
    return count + OpeningBalance.objects.filter(pk__in=noted).update(note="")


KEEPER = Keeper("gift_cards", "Gift cards known to be theirs", _export, _erase)
