"""What a customer's orders give to the numbers: ids and figures, which stay."""

from typing import Any

from core.money import amount_text
from core.privacy.registry import Keeper, Subject
from metrics.models import OrderFact


def _export(subject: Subject) -> list[dict[str, Any]]:
    return [
        {
            "order_id": fact.order_id,
            "day": fact.local_date,
            "currency": fact.currency,
            "at_checkout": amount_text(fact.original_minor, fact.currency),
            "added_afterwards": amount_text(fact.pp_gross_minor, fact.currency),
        }
        for fact in OrderFact.objects.filter(order_id__in=subject.order_ids).order_by("placed_at")
    ]


KEEPER = Keeper("figures", "What the orders count for in the shop's numbers", _export)
