"""Lists: newest first, cursors by id, `has_more`."""

import operator
from typing import Any

from devtools.stripe.call import Call
from devtools.stripe.errors import Json
from devtools.stripe.params import EXPAND, PAGING, Field, Spec, read

_COMPARE = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def page(call: Call, kind: str, url: str, filters: dict[str, Field], fixed: dict[str, Any] | None = None) -> Json:
    spec: Spec = {**PAGING, **EXPAND, **filters}
    given = read(call.params, spec)
    where = {**{name: given[name] for name in filters if given.get(name) is not None}, **(fixed or {})}
    found = call.store.newest_first(call.account, kind, where)
    for bound, moment in (given.get("created") or {}).items():
        found = [body for body in found if _COMPARE[bound](body["created"], moment)]
    data, has_more = _cut(call, kind, found, given)
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _cut(call: Call, kind: str, found: list[Json], given: Json) -> tuple[list[Json], bool]:
    limit = given.get("limit") or 10
    ids = [body["id"] for body in found]
    if before := given.get("ending_before"):
        call.get(kind, before, param="ending_before")
        newer = found[: ids.index(before)] if before in ids else []
        return newer[-limit:], len(newer) > limit
    if after := given.get("starting_after"):
        call.get(kind, after, param="starting_after")
        found = found[ids.index(after) + 1 :] if after in ids else []
    return found[:limit], len(found) > limit
