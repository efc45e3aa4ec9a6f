"""From a stored object to what the client sees: private names dropped, asked-for ids expanded."""

from typing import Any

from devtools.stripe.errors import InvalidError, Json
from devtools.stripe.store import Store

_EXPANDABLE = {
    "charge": "charge",
    "customer": "customer",
    "default_payment_method": "payment_method",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
}


def public(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: public(item) for name, item in value.items() if not name.startswith("_")}
    if isinstance(value, list):
        return [public(item) for item in value]
    return value


def render(store: Store, account: str, body: Json, expand: list[str]) -> Json:
    shown: Json = public(body)
    for path in expand:
        _expand(store, account, shown, path.split("."), path)
    return shown


def _expand(store: Store, account: str, node: Json, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    if node.get("object") == "list" and step == "data":
        for item in node["data"]:
            if rest:
                _expand(store, account, item, rest, path)
        return
    if node.get("object") == "charge" and step == "refunds":
        node["refunds"] = _refunds(store, account, node["id"])
    elif step not in node or (step not in _EXPANDABLE and not isinstance(node[step], dict)):
        raise InvalidError(f"This property cannot be expanded ({path}).", param="expand")
    value = node[step]
    if isinstance(value, str):
        found = store.find(account, _EXPANDABLE[step], value)
        value = node[step] = public(found) if found is not None else value
    if rest and isinstance(value, dict):
        _expand(store, account, value, rest, path)


def _refunds(store: Store, account: str, charge: str) -> Json:
    refunds = store.newest_first(account, "refund", {"charge": charge})
    return {
        "object": "list",
        "data": public(refunds),
        "has_more": False,
        "url": f"/v1/charges/{charge}/refunds",
    }
