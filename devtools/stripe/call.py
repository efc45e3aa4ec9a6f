"""One API request on its way through an endpoint, with what it may touch."""

import json
from dataclasses import dataclass, field

from devtools.stripe.errors import Json, MissingError
from devtools.stripe.faults import Faults
from devtools.stripe.ids import new_id
from devtools.stripe.rendering import public
from devtools.stripe.store import Store

API_VERSION = "2026-10-28.endive"
# How Stripe calls a missing object, and the parameter it blames.
_NAMES = {
    "charge": ("charge", "charge"),
    "payment_intent": ("payment_intent", "intent"),
    "payment_method": ("PaymentMethod", "payment_method"),
    "setup_intent": ("setupintent", "intent"),
    "webhook_endpoint": ("webhook endpoint", "webhook_endpoint"),
}


@dataclass
class Call:
    store: Store
    faults: Faults
    account: str
    params: Json
    base_url: str
    request_id: str | None = None
    idempotency_key: str | None = None
    now: int = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.store.now()

    def get(self, kind: str, identifier: str, *, param: str | None = None) -> Json:
        """A missing object in the address is a 404, one named by a parameter a 400."""
        found = self.store.find(self.account, kind, identifier)
        if found is None:
            label, own_param = _NAMES.get(kind, (kind, "id"))
            raise MissingError(label, identifier, param=param or own_param, status=404 if param is None else 400)
        return found

    def save(self, body: Json) -> Json:
        self.store.save(self.account, body)
        return body

    def emit(self, kind: str, body: Json, previous: Json | None = None) -> None:
        """Record an event and queue its deliveries, in the same transaction as the change."""
        data: Json = {"object": public(body)}
        if previous is not None:
            data["previous_attributes"] = previous
        event: Json = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": kind,
        }
        if self.account:
            event["account"] = self.account
        self._queue(event)
        self.save(event)

    def _queue(self, event: Json) -> None:
        for endpoint_account, endpoint in self._endpoints(event["type"]):
            for delay, state in self.faults.plan_delivery(event["type"]):
                event["pending_webhooks"] += 1
                self.store.run(
                    "INSERT INTO delivery (account, event, endpoint_account, endpoint, state, due_at) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    self.account,
                    event["id"],
                    endpoint_account,
                    endpoint,
                    state,
                    self.faults.wall_clock() + delay,
                )

    def _endpoints(self, kind: str) -> list[tuple[str, str]]:
        """An account's own endpoints, and the platform's Connect endpoints for every connected account."""
        found = [("", body) for body in self.store.newest_first("", "webhook_endpoint")]
        wanted = [(account, body) for account, body in found if body["_connect"] == bool(self.account)]
        if self.account:
            own = self.store.newest_first(self.account, "webhook_endpoint")
            wanted += [(self.account, body) for body in own]
        return [
            (account, body["id"])
            for account, body in reversed(wanted)
            if body["status"] == "enabled" and {"*", kind} & set(body["enabled_events"])
        ]


def dumps(body: Json) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
