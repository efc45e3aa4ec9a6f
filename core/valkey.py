"""Valkey for what Django's cache has no words for: lists, counters, the broker's queue."""

from functools import lru_cache

import redis
from django.conf import settings

TIMEOUT_SECONDS = 1.0


def valkey() -> redis.Redis:
    """A client with a pool of this process; fails within a second with redis.RedisError."""
    return _client(settings.REDIS_URL)


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS, decode_responses=True
    )
