from typing import Any

from merchants.models import AuditEntry


def audit_record(
    *,
    actor_type: str,
    actor_id: object,
    action: str,
    object_type: str,
    object_id: object,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Record a change in the open tenant scope. `before` and `after` hold ids and settings, never personal data."""
    return AuditEntry.objects.create(
        actor_type=actor_type,
        actor_id=str(actor_id or ""),
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        before=before or {},
        after=after or {},
    )
