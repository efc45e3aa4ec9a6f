"""Search by metadata and plain fields. Unlike Stripe's, it sees a new object at once (Stripe: up to a minute later)."""

import re

from devtools.stripe.call import Call
from devtools.stripe.errors import InvalidError, Json
from devtools.stripe.params import EXPAND, Field, integer, read, text

_CLAUSE = re.compile(r"""\A(?:(status|customer|currency)|metadata\[(['"])(.+?)\2\])\s*:\s*(['"])(.*)\4\Z""")


def payment_intents(call: Call) -> Json:
    spec = {"query": Field(text(), required=True), "limit": Field(integer(1, 100)), "page": Field(text()), **EXPAND}
    given = read(call.params, spec)
    clauses = [_clause(part.strip()) for part in re.split(r"\s+AND\s+", given["query"])]
    found = [
        intent
        for intent in call.store.newest_first(call.account, "payment_intent")
        if all(_value(intent, field, key) == wanted for field, key, wanted in clauses)
    ]
    start = int(given["page"]) if str(given.get("page") or "").isdecimal() else 0
    limit = given.get("limit") or 10
    more = len(found) > start + limit
    return {
        "object": "search_result",
        "data": found[start : start + limit],
        "has_more": more,
        "next_page": str(start + limit) if more else None,
        "url": "/v1/payment_intents/search",
    }


def _clause(part: str) -> tuple[str, str, str]:
    match = _CLAUSE.match(part)
    if match is None:
        raise InvalidError(f"We were unable to parse your search query near: {part}", param="query")
    return (match[1] or "metadata", match[3] or "", match[5])


def _value(intent: Json, field: str, key: str) -> str | None:
    found = intent[field].get(key) if field == "metadata" else intent[field]
    return None if found is None else str(found)
