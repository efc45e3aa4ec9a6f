"""What staff and partners did with a customer's records, and copies of all rows that were made for the merchant."""

from typing import Any

from core import clock
from core.files import file_delete
from core.models import StoredFile
from core.privacy.registry import Keeper, Subject
from merchants.models import AuditEntry, MerchantExport
from merchants.services.exports import SLICES_KEPT_FOR

State = MerchantExport.State


def _export(subject: Subject) -> list[dict[str, Any]]:
    ids = [str(subject.customer_id), *map(str, subject.order_ids)]
    entries = AuditEntry.objects.filter(object_type__in=["customer", "order"], object_id__in=ids).order_by("at")
    return [
        {"at": entry.at, "by": entry.get_actor_type_display(), "what": entry.action, "id": entry.object_id}
        for entry in entries
    ]


def _erase(subject: Subject) -> int:
    """The audit log holds ids alone and stays. A finished copy of all rows goes; an unfinished one begins anew."""
    count = 0
    # Slices are kept a little longer than they are offered.
    for export in MerchantExport.objects.select_for_update().filter(expires_at__gt=clock.now() - SLICES_KEPT_FOR):
        for file in StoredFile.objects.filter(pk__in=[part["file"] for part in export.slices]):
            file_delete(file)
            count += 1
        if export.state == State.DONE:
            export.expires_at = min(export.expires_at, clock.now())
        else:
            export.state, export.slices, export.model, export.after = State.QUEUED, [], "", ""
        export.save()
    return count


KEEPER = Keeper("log", "What was done with these records", _export, _erase)
