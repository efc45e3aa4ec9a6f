"""Kombu's Redis transport, with one fault mended: a worker that is at work when the broker dies must outlive it.

Celery lets the dead connection go, then gives back and acknowledges messages through its channel. Kombu 5.7 then looks
up an address that is no longer there and ends the worker with AttributeError; a connection error it would survive.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as RedisConnectionError


class Channel(redis.Channel):
    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise RedisConnectionError("The connection of this channel was given up.")
        return super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]  # private, so not in the stubs


class Transport(redis.Transport):
    Channel = Channel


def install() -> None:
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = "pro_platform.broker:Transport"
