"""Mails that follow from what happened to an order."""

import uuid

from core.outbox import Event, subscribe
from portal.services.find import REQUESTED
from portal.services.mails import mail_change_settled, mail_order_link, mail_order_open


@subscribe("window.opened", name="portal.mail_open")
def window_opened(event: Event) -> None:
    mail_order_open(uuid.UUID(event.payload["order_id"]))


@subscribe(REQUESTED, name="portal.mail_link")
def link_requested(event: Event) -> None:
    """For an unknown order there is nothing to mail; the page has said the same to both."""
    if event.payload["order_id"]:
        mail_order_link(uuid.UUID(event.payload["order_id"]), str(event.id))


@subscribe("edit.applied", name="portal.mail_applied")
@subscribe("edit.declined", name="portal.mail_declined")
@subscribe("edit.failed", name="portal.mail_failed")
@subscribe("edit.expired", name="portal.mail_expired")
def change_settled(event: Event) -> None:
    mail_change_settled(uuid.UUID(event.payload["order_id"]), uuid.UUID(event.payload["edit_id"]))
