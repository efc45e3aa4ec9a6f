from core.models.base import TenantManager, TenantModel, TenantQuerySet
from core.models.inbound import InboundWebhook
from core.models.outbox import OutboxEvent

__all__ = ["InboundWebhook", "OutboxEvent", "TenantManager", "TenantModel", "TenantQuerySet"]
