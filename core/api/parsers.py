"""JSON in, strictly: no endless nesting, and no characters that PostgreSQL cannot store."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# NUL, and halves of UTF-16 pairs, which JSON can escape but UTF-8 cannot carry.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(JSONParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        # JSON is UTF-8. A charset that the caller may choose could name a decompressor (bz2) as well.
        context = {**(parser_context or {}), "encoding": "utf-8"}
        try:
            data = super().parse(stream, media_type, context)
        except UnicodeDecodeError as error:
            raise ParseError(f"it is not UTF-8 (byte {error.start}).") from error
        except RecursionError as error:
            raise ParseError("it is nested too deeply.") from error
        except ParseError as error:
            raise ParseError(_position(error)) from error
        _refuse_unstorable(data)
        return data


def _position(error: ParseError) -> str:
    reason = str(error.detail).removeprefix("JSON parse error - ")
    return "it is not UTF-8." if "codec can't decode" in reason else f"{reason}."


def _refuse_unstorable(data: Any) -> None:
    waiting = [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if _UNSTORABLE.search(item):
                raise ParseError("a text holds a character that cannot be stored (NUL or half of a pair).")
        elif isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
