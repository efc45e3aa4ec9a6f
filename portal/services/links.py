"""Making, opening and revoking signed links."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from core import clock
from core.errors import NotFound
from core.ids import hash_token, new_token
from core.retention import Purge, days, oldest, purge
from core.tenancy import require_merchant_id
from merchants.models import Merchant, MerchantDomain
from orders.models import Order
from portal.models import PortalLink

LIFETIME = timedelta(days=21)


_OLD_LINKS = Purge(
    "links of shoppers",
    days("RETENTION_LINK_DAYS"),
    "portal_portallink",
    oldest("portal_portallink", "expires_at"),
)


@dataclass(frozen=True, slots=True)
class NewLink:
    """The link's row, its token (shown here and never again) and the address to give to the shopper."""

    link: PortalLink
    token: str
    url: str


def portal_link_create(*, order_id: uuid.UUID) -> NewLink:
    order = Order.objects.filter(id=order_id).first()
    if order is None:
        raise NotFound
    token = new_token()
    at = clock.now()
    link = PortalLink.objects.create(order=order, token_hash=hash_token(token), expires_at=at + LIFETIME, created_at=at)
    return NewLink(link, token, f"{shop_url()}/l/{token}/")


def portal_link_resolve(*, token: str, order_id: uuid.UUID | None = None) -> PortalLink | None:
    """The live link of this token, or None: forged, expired, revoked and another order's look the same."""
    live = Q(token_hash=hash_token(token), revoked_at=None, expires_at__gt=clock.now())
    if order_id is not None:
        live &= Q(order_id=order_id)
    return PortalLink.objects.filter(live).first()


def portal_links_revoke(*, order_id: uuid.UUID) -> int:
    """Close every link of the order; returns how many were open."""
    at = clock.now()
    return PortalLink.objects.filter(order_id=order_id, revoked_at=None, expires_at__gt=at).update(revoked_at=at)


def portal_links_purge() -> int:
    """Forget links long after their time, of all merchants: until then the row tells that there was one."""
    return purge(_OLD_LINKS)


def shop_url() -> str:
    """Where the open scope's shop is served: its own verified domain, else its prefix on the platform's host."""
    domain = MerchantDomain.objects.exclude(verified_at=None).order_by("verified_at").first()
    if domain is not None:
        return f"https://{domain.host}"
    slug = Merchant.objects.values_list("slug", flat=True).get(pk=require_merchant_id())
    return f"{settings.PUBLIC_URL.rstrip('/')}/m/{slug}"
