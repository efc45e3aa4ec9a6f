"""Which address leads to which endpoint."""

import re
from collections.abc import Callable

from devtools.stripe.call import Call
from devtools.stripe.errors import ApiError, Json
from devtools.stripe.resources import (
    balance,
    charges,
    customers,
    events,
    intent_endings,
    payment_intents,
    payment_methods,
    refunds,
    search,
    setup_intents,
    webhook_endpoints,
)

Endpoint = Callable[..., Json]
_ROUTES: list[tuple[str, str, Endpoint]] = [
    ("GET", "/v1/balance", balance.retrieve),
    ("POST", "/v1/customers", customers.create),
    ("GET", "/v1/customers", customers.listing),
    ("GET", "/v1/customers/:id", customers.retrieve),
    ("POST", "/v1/customers/:id", customers.update),
    ("DELETE", "/v1/customers/:id", customers.delete),
    ("GET", "/v1/customers/:id/payment_methods", customers.list_payment_methods),
    ("GET", "/v1/customers/:id/payment_methods/:id", payment_methods.retrieve_for_customer),
    ("POST", "/v1/payment_methods", payment_methods.create),
    ("GET", "/v1/payment_methods", payment_methods.listing),
    ("GET", "/v1/payment_methods/:id", payment_methods.retrieve),
    ("POST", "/v1/payment_methods/:id", payment_methods.update),
    ("POST", "/v1/payment_methods/:id/attach", payment_methods.attach),
    ("POST", "/v1/payment_methods/:id/detach", payment_methods.detach),
    ("POST", "/v1/payment_intents", payment_intents.create),
    ("GET", "/v1/payment_intents", payment_intents.listing),
    ("GET", "/v1/payment_intents/search", search.payment_intents),
    ("GET", "/v1/payment_intents/:id", payment_intents.retrieve),
    ("POST", "/v1/payment_intents/:id", payment_intents.update),
    ("POST", "/v1/payment_intents/:id/confirm", payment_intents.confirm_intent),
    ("POST", "/v1/payment_intents/:id/capture", intent_endings.capture),
    ("POST", "/v1/payment_intents/:id/cancel", intent_endings.cancel),
    ("POST", "/v1/setup_intents", setup_intents.create),
    ("GET", "/v1/setup_intents", setup_intents.listing),
    ("GET", "/v1/setup_intents/:id", setup_intents.retrieve),
    ("POST", "/v1/setup_intents/:id/confirm", setup_intents.confirm),
    ("POST", "/v1/setup_intents/:id/cancel", setup_intents.cancel),
    ("GET", "/v1/charges", charges.listing),
    ("GET", "/v1/charges/:id", charges.retrieve),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds", refunds.listing),
    ("GET", "/v1/refunds/:id", refunds.retrieve),
    ("POST", "/v1/refunds/:id", refunds.update),
    ("POST", "/v1/refunds/:id/cancel", refunds.cancel),
    ("POST", "/v1/webhook_endpoints", webhook_endpoints.create),
    ("GET", "/v1/webhook_endpoints", webhook_endpoints.listing),
    ("GET", "/v1/webhook_endpoints/:id", webhook_endpoints.retrieve),
    ("POST", "/v1/webhook_endpoints/:id", webhook_endpoints.update),
    ("DELETE", "/v1/webhook_endpoints/:id", webhook_endpoints.delete),
    ("GET", "/v1/events", events.listing),
    ("GET", "/v1/events/:id", events.retrieve),
]
_COMPILED = [
    (method, re.compile(pattern.replace(":id", r"([A-Za-z0-9_]+)") + r"\Z"), endpoint)
    for method, pattern, endpoint in _ROUTES
]


def dispatch(call: Call, method: str, path: str) -> Json:
    for wanted, pattern, endpoint in _COMPILED:
        match = pattern.match(path)
        if wanted == method and match is not None:
            return endpoint(call, *match.groups())
    raise ApiError(404, f"Unrecognized request URL ({method}: {path}). This server knows a part of Stripe's API.")
