import re
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from devtools.stripe.call import Call
from devtools.stripe.errors import InvalidError, Json
from devtools.stripe.ids import new_id, token
from devtools.stripe.listing import page
from devtools.stripe.params import EXPAND, METADATA, Field, Spec, array, boolean, merge_metadata, read, text, url

_EVENT = re.compile(r"\A(\*|[a-z_]+(\.[a-z_]+)+)\Z")


def _event_type(value: Any, name: str) -> str:
    if not isinstance(value, str) or not _EVENT.match(value):
        raise InvalidError(f"Invalid {name}: {value} is not an event type.", param=name)
    return value


_EDITABLE: Spec = {"description": Field(text()), "enabled_events": Field(array(_event_type)), **METADATA, **EXPAND}


def is_loopback(host: str | None) -> bool:
    if host == "localhost" or (host or "").endswith(".localhost"):
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _check_address(address: str) -> None:
    if not is_loopback(urlsplit(address).hostname):
        raise InvalidError("This server sends webhooks to this machine only.", code="url_invalid", param="url")


def create(call: Call) -> Json:
    spec: Spec = {
        **_EDITABLE,
        "url": Field(url, required=True),
        "enabled_events": Field(array(_event_type), required=True),
        "api_version": Field(text()),
        "connect": Field(boolean),
    }
    given = read(call.params, spec)
    _check_address(given["url"])
    endpoint: Json = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": given.get("api_version"),
        "application": None,
        "created": call.now,
        "description": given.get("description"),
        "enabled_events": given["enabled_events"],
        "livemode": False,
        "metadata": merge_metadata({}, given.get("metadata", {})),
        "status": "enabled",
        "url": given["url"],
        "_secret": f"whsec_{token(32)}",
        "_connect": bool(given.get("connect")),
    }
    call.save(endpoint)
    # The secret is shown once.
    return {**endpoint, "secret": endpoint["_secret"]}


def retrieve(call: Call, identifier: str) -> Json:
    read(call.params, EXPAND)
    return call.get("webhook_endpoint", identifier)


def update(call: Call, identifier: str) -> Json:
    given = read(call.params, {**_EDITABLE, "url": Field(url), "disabled": Field(boolean)})
    endpoint = call.get("webhook_endpoint", identifier)
    if given.get("url"):
        _check_address(given["url"])
    for name in ("url", "enabled_events", "description"):
        if name in given:
            endpoint[name] = given[name]
    if "metadata" in given:
        endpoint["metadata"] = merge_metadata(endpoint["metadata"], given["metadata"])
    if "disabled" in given:
        endpoint["status"] = "disabled" if given["disabled"] else "enabled"
    return call.save(endpoint)


def delete(call: Call, identifier: str) -> Json:
    read(call.params, {})
    call.get("webhook_endpoint", identifier)
    call.store.delete(call.account, identifier)
    return {"id": identifier, "object": "webhook_endpoint", "deleted": True}


def listing(call: Call) -> Json:
    return page(call, "webhook_endpoint", "/v1/webhook_endpoints", {})
