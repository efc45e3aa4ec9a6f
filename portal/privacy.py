"""Links to a customer's orders, and how often their address was looked for."""

from typing import Any

from django.db import transaction

from core.privacy.registry import Keeper, Subject
from portal.models import PortalLink
from portal.services.find import forget_requests


def _export(subject: Subject) -> list[dict[str, Any]]:
    links = PortalLink.objects.filter(order_id__in=subject.order_ids).order_by("created_at")
    return [dict(row) for row in links.values("order_id", "created_at", "expires_at", "revoked_at")]


def _erase(subject: Subject) -> int:
    emails = sorted(subject.identity.emails)
    transaction.on_commit(lambda: forget_requests(emails))
    return PortalLink.objects.filter(order_id__in=subject.order_ids).delete()[0]


KEEPER = Keeper("links", "Links that were mailed", _export, _erase)
