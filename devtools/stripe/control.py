"""`/_devtools/…`: what tests use to break things and to look inside. Stripe has no such addresses."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict

from devtools.stripe import forms
from devtools.stripe.call import Call, dumps
from devtools.stripe.cards import BEHAVIOURS
from devtools.stripe.engine import Answer, Engine, Request
from devtools.stripe.errors import ApiError, InvalidError, Json
from devtools.stripe.faults import parse
from devtools.stripe.rendering import public
from devtools.stripe.resources import refunds

_PREFIX = "/_devtools/"


def control(engine: Engine, request: Request) -> Answer:
    steps = request.url.path.removeprefix(_PREFIX).split("/")
    handler = _HANDLERS.get((request.method, steps[0], len(steps)))
    try:
        if handler is None:
            raise ApiError(404, f"Unrecognized control URL ({request.method}: {request.url.path})")
        with engine.store.transaction():
            return Answer(200, dumps(handler(engine, request, steps[-1])))
    except ApiError as error:
        return Answer(error.status, dumps(error.body()))


def _json(request: Request) -> Json:
    # Asking for JSON keeps foreign web pages out: a form cannot send it.
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise ApiError(415, "Send application/json.")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise InvalidError("Invalid JSON.") from None
    if not isinstance(body, dict):
        raise InvalidError("Send a JSON object.")
    return body


def _call(engine: Engine, account: str) -> Call:
    return Call(engine.store, engine.faults, account, {}, "")


def _fault_add(engine: Engine, request: Request, _: str) -> Json:
    return asdict(engine.faults.add(parse(_json(request))))


def _fault_list(engine: Engine, _request: Request, _: str) -> Json:
    return {"data": [asdict(fault) for fault in engine.faults.all()]}


def _fault_clear(engine: Engine, _request: Request, _: str) -> Json:
    engine.faults.clear()
    return {"data": []}


def _card(engine: Engine, request: Request, identifier: str) -> Json:
    """Change what the bank thinks of a saved card: it was fine when saved and is lost today."""
    body = _json(request)
    if body.get("behaviour") not in BEHAVIOURS:
        raise InvalidError(f"Unknown behaviour. Known: {', '.join(BEHAVIOURS)}", param="behaviour")
    call = _call(engine, str(body.get("account", "")))
    method = call.get("payment_method", identifier)
    method["_behaviour"] = body["behaviour"]
    call.save(method)
    return {"id": identifier, "behaviour": body["behaviour"]}


def _refund(engine: Engine, request: Request, identifier: str) -> Json:
    body = _json(request)
    if body.get("status") not in ("pending", "succeeded", "failed"):
        raise InvalidError("status is pending, succeeded or failed.", param="status")
    call = _call(engine, str(body.get("account", "")))
    shown: Json = public(refunds.settle(call, identifier, body["status"], str(body.get("failure_reason", "unknown"))))
    return shown


def _clock(engine: Engine, request: Request, _: str) -> Json:
    seconds = _json(request).get("advance_seconds")
    if not isinstance(seconds, int) or seconds < 0:
        raise InvalidError("advance_seconds is a whole number of seconds.", param="advance_seconds")
    engine.store.advance_clock(seconds)
    return {"now": engine.store.now()}


def _payment_intents(engine: Engine, request: Request, _: str) -> Json:
    """Intents by metadata, with what was captured and refunded, per currency."""
    query = forms.decode(request.url.query)
    wanted, account = query.get("metadata") or {}, query.get("account", "")
    if not isinstance(wanted, dict) or not isinstance(account, str):
        raise InvalidError("Ask with metadata[name]=value and account=acct_….")
    found = [
        intent
        for intent in engine.store.newest_first(account, "payment_intent")
        if wanted.items() <= intent["metadata"].items()
    ]
    ids = {intent["id"] for intent in found}
    captured: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for intent in found:
        captured[intent["currency"]] += intent["amount_received"]
        held[intent["currency"]] += intent["amount_capturable"]
    for refund in engine.store.newest_first(account, "refund"):
        if refund["payment_intent"] in ids and refund["status"] != "failed":
            refunded[refund["currency"]] += refund["amount"]
    return {
        "count": len(found),
        "statuses": Counter(intent["status"] for intent in found),
        "authorised": held,
        "captured": captured,
        "refunded": refunded,
        "data": public(found),
    }


def _state(engine: Engine, _request: Request, _: str) -> Json:
    objects = engine.store.run("SELECT account, kind, COUNT(*) AS n FROM object GROUP BY account, kind ORDER BY 1, 2")
    accounts: dict[str, dict[str, int]] = {}
    for row in objects:
        accounts.setdefault(row["account"], {})[row["kind"]] = row["n"]
    deliveries = engine.store.run("SELECT state, COUNT(*) AS n FROM delivery GROUP BY state")
    captured: Counter[str] = Counter()
    for account in accounts:
        for intent in engine.store.newest_first(account, "payment_intent"):
            captured[intent["currency"]] += intent["amount_received"]
    return {
        "accounts": accounts,
        "captured": captured,
        "deliveries": {row["state"]: row["n"] for row in deliveries},
        "faults": len(engine.faults.all()),
        "now": engine.store.now(),
    }


def _deliveries(engine: Engine, _request: Request, _: str) -> Json:
    rows = engine.store.run("SELECT * FROM delivery ORDER BY seq")
    found = [dict(row) for row in rows]
    for row in found:
        event = engine.store.find(row["account"], "event", row["event"])
        row["type"] = None if event is None else event["type"]
    return {"data": found}


def _reset(engine: Engine, request: Request, _: str) -> Json:
    _json(request)
    engine.store.wipe()
    return {}


_HANDLERS: dict[tuple[str, str, int], Callable[[Engine, Request, str], Json]] = {
    ("POST", "faults", 1): _fault_add,
    ("GET", "faults", 1): _fault_list,
    ("DELETE", "faults", 1): _fault_clear,
    ("POST", "cards", 2): _card,
    ("POST", "refunds", 2): _refund,
    ("POST", "clock", 1): _clock,
    ("GET", "payment_intents", 1): _payment_intents,
    ("GET", "state", 1): _state,
    ("POST", "reset", 1): _reset,
    ("GET", "deliveries", 1): _deliveries,
}
