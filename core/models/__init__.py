from core.models.alert import Alert
from core.models.base import TenantManager, TenantModel, TenantQuerySet
from core.models.files import StoredFile, StoredFilePart
from core.models.idempotency import IdempotencyRecord
from core.models.inbound import InboundWebhook
from core.models.operations import BackupRecord, MigrationMark
from core.models.outbox import OutboxEvent

__all__ = [
    "Alert",
    "BackupRecord",
    "IdempotencyRecord",
    "InboundWebhook",
    "MigrationMark",
    "OutboxEvent",
    "StoredFile",
    "StoredFilePart",
    "TenantManager",
    "TenantModel",
    "TenantQuerySet",
]
