import uuid

from core.outbox import Event, subscribe
from payments.services.inbound import webhook_process


@subscribe("inbound.stripe", name="payments.apply_webhook")
def apply_webhook(event: Event) -> None:
    webhook_process(inbound_id=uuid.UUID(event.payload["inbound_id"]))
