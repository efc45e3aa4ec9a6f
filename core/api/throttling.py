"""At most so many requests a minute per key, counted in Valkey."""

from functools import lru_cache
from typing import Any

import redis
import structlog
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.api.authentication import caller_of
from core.api.errors import RateLimited
from core.clock import now

WINDOW_SECONDS = 60
log = structlog.get_logger(__name__)


@lru_cache(maxsize=4)
def _server(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5)


class KeyRateThrottle(BaseThrottle):
    """Fixed windows of a minute. Counting and expiry are one transaction, so no race loses a request."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            return True
        limit: int = settings.API_REQUESTS_PER_MINUTE
        window, elapsed = divmod(int(now().timestamp()), WINDOW_SECONDS)
        wait = WINDOW_SECONDS - elapsed
        try:
            count = self._count(f"pro:rate:{caller_of(request).key_id}:{window}")
        except redis.RedisError as error:
            # The limit protects the service; it must not take it down.
            log.warning("rate_limit_unavailable", error=type(error).__name__)
            return True
        request._request.rate_limit_headers = {  # type: ignore[attr-defined]
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - count)),
            "RateLimit-Reset": str(wait),
        }
        if count > limit:
            refusal = RateLimited(limit=limit, seconds=wait)
            refusal.retry_after_seconds = wait
            raise refusal
        return True

    def _count(self, key: str) -> int:
        with _server(settings.REDIS_URL).pipeline(transaction=True) as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, 2 * WINDOW_SECONDS)
            return int(pipeline.execute()[0])
