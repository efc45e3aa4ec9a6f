"""Mailing the link of an order to whoever proves nothing but its address and number.

Known and unknown are told apart only by the worker, so the page answers alike, and as fast, for both.
"""

from collections.abc import Iterable
from contextlib import suppress

import redis
from django.core.cache import cache
from django.db import transaction

from core.crypto import keyed_hash
from core.ids import uuid7
from core.outbox import publish
from core.tenancy import require_merchant_id
from orders.models import Order
from orders.services.customers import normalise
from portal.errors import LinkRequestsUnavailable, TooManyLinkRequests

REQUESTED = "portal.link_requested"
AN_HOUR = 3600
PER_ADDRESS_AN_HOUR = 5
PER_SHOP_AN_HOUR = 1200


def portal_link_request(*, email: str, number: str) -> None:
    address = normalise(email)
    _count("address", address, PER_ADDRESS_AN_HOUR)
    _count("shop", "", PER_SHOP_AN_HOUR)
    order = (
        Order.objects.filter(number_normalised=normalise(number), customer__email_normalised=address)
        .order_by("-placed_at")
        .first()
    )
    with transaction.atomic():
        publish(
            REQUESTED,
            aggregate_type="link_request",
            aggregate_id=uuid7(),
            payload={"order_id": str(order.id) if order else None},
        )


def _count(what: str, value: str, limit: int) -> None:
    key = _key(what, value)
    try:
        cache.add(key, 0, AN_HOUR)
        count = cache.incr(key)
    except redis.RedisError as error:
        raise LinkRequestsUnavailable from error
    except ValueError:  # it expired between the two calls: a new hour has begun
        count = 1
    if count > limit:
        raise TooManyLinkRequests


def forget_requests(addresses: Iterable[str]) -> None:
    """Drop the counts of these addresses. Without the cache they end within the hour."""
    with suppress(redis.RedisError):
        cache.delete_many([_key("address", normalise(address)) for address in addresses])


def _key(what: str, value: str) -> str:
    return f"portal:find:{require_merchant_id()}:{what}:{keyed_hash('portal.find', value).hash}"
