"""What staff and partners did with a customer's records. The audit log holds ids alone, so nothing of it goes."""

from typing import Any

from core.privacy.registry import Keeper, Subject
from merchants.models import AuditEntry


def _export(subject: Subject) -> list[dict[str, Any]]:
    ids = [str(subject.customer_id), *map(str, subject.order_ids)]
    entries = AuditEntry.objects.filter(object_type__in=["customer", "order"], object_id__in=ids).order_by("at")
    return [
        {"at": entry.at, "by": entry.get_actor_type_display(), "what": entry.action, "id": entry.object_id}
        for entry in entries
    ]


KEEPER = Keeper("log", "What was done with these records", _export)
