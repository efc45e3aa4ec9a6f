"""`@idempotent` for view methods that move money, issue value or cannot be undone."""

import functools
import json
import re
from collections.abc import Callable
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import idempotency
from core.api.errors import IdempotencyKeyInFlight, IdempotencyKeyMissing, IdempotencyKeyReused
from core.idempotency import KeyInFlight, KeyReused, StoredAnswer

HEADER = "Idempotency-Key"
_SANE_KEY = re.compile(r"[\x21-\x7e]{1,255}")

ViewMethod = Callable[..., Response]


def idempotent(method: ViewMethod) -> ViewMethod:
    """Needs an Idempotency-Key. The view must be an ApiView, whose raw body is kept for the fingerprint."""

    @functools.wraps(method)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        claimed = _claim(request)
        if isinstance(claimed, StoredAnswer):
            return _replay(claimed)
        try:
            response = _answer(view, method, request, *args, **kwargs)
        except BaseException:
            idempotency.release(claimed)
            raise
        if idempotency.is_storable(response.status_code):
            idempotency.complete(claimed, _stored(response))
        else:
            idempotency.release(claimed)
        return response

    wrapper.is_idempotent = True  # type: ignore[attr-defined]
    return wrapper


def _claim(request: Request) -> idempotency.Claim | StoredAnswer:
    key = request.headers.get(HEADER, "")
    if not _SANE_KEY.fullmatch(key):
        raise IdempotencyKeyMissing
    body: bytes = request._request.body
    try:
        return idempotency.claim(key, idempotency.fingerprint(str(request.method), request.get_full_path(), body))
    except KeyReused:
        raise IdempotencyKeyReused from None
    except KeyInFlight as error:
        refusal = IdempotencyKeyInFlight(seconds=error.seconds)
        refusal.retry_after_seconds = error.seconds
        raise refusal from None


def _answer(view: Any, method: ViewMethod, request: Request, *args: Any, **kwargs: Any) -> Response:
    """The view's response, its refusals included; only unexpected errors are raised."""
    try:
        return method(view, request, *args, **kwargs)
    except Exception as error:  # handle_exception raises it again unless it is a known refusal
        refused: Response = view.handle_exception(error)
        return refused


def _stored(response: Response) -> StoredAnswer:
    body = JSONRenderer().render(response.data).decode()
    return StoredAnswer(response.status_code, response.content_type or "application/json", body)


def _replay(answer: StoredAnswer) -> Response:
    data = json.loads(answer.body) if answer.body else None
    headers = {"Idempotency-Replayed": "true"}
    return Response(data, status=answer.status, content_type=answer.content_type, headers=headers)
