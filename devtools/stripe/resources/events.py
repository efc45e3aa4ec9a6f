from devtools.stripe.call import Call
from devtools.stripe.errors import Json
from devtools.stripe.listing import page
from devtools.stripe.params import EXPAND, Field, read, text


def retrieve(call: Call, identifier: str) -> Json:
    read(call.params, EXPAND)
    return call.get("event", identifier)


def listing(call: Call) -> Json:
    return page(call, "event", "/v1/events", {"type": Field(text())})
