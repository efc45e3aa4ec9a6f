"""Cursor pages. Ids are UUIDv7, so their order is that of arrival: newest first, no row skipped or seen twice."""

import base64
import binascii
import uuid
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


class KeysetPagination(BasePagination):
    limit_query_param = "limit"
    cursor_query_param = "cursor"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        limit = _limit(request.query_params.get(self.limit_query_param))
        cursor = request.query_params.get(self.cursor_query_param)
        queryset = queryset.order_by("-id")
        if cursor is not None:
            queryset = queryset.filter(id__lt=decode_cursor(cursor))
        found = list(queryset[: limit + 1])
        page = found[:limit]
        self._next = encode_cursor(page[-1].pk) if len(found) > limit else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next_cursor": self._next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next_cursor", "results"],
            "properties": {
                "next_cursor": {
                    "type": "string",
                    "nullable": True,
                    "description": "Send it as `cursor` for the next page; null on the last one.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": self.limit_query_param,
                "in": "query",
                "description": "Rows per page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            },
            {
                "name": self.cursor_query_param,
                "in": "query",
                "description": "`next_cursor` of the page before.",
                "schema": {"type": "string"},
            },
        ]


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_LIMIT):
        raise ValidationError({KeysetPagination.limit_query_param: [f"Give a whole number from 1 to {MAX_LIMIT}."]})
    return int(text)


def encode_cursor(pk: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(pk.bytes).decode().rstrip("=")


def decode_cursor(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(bytes=base64.b64decode(text.encode("ascii") + b"==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise ValidationError({KeysetPagination.cursor_query_param: ["Send next_cursor of the page before."]}) from None
