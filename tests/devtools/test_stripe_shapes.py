"""The bodies have Stripe's shape.

Always: every body fits the shapes recorded in tests/data/stripe (record again with PRO_RECORD_SHAPES=1), and every
field is one the official client knows. Where the shared payloads are at hand: also those of Stripe's own OpenAPI.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import requests
import stripe
from stripe import params as stripe_params

from devtools.stripe.resources import customers, payment_intents, payment_methods, setup_intents
from tests.devtools.shopper import RETURN_URL, authorise, captured, declined
from tests.devtools.stripe_fixtures import client_for

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests" / "data" / "stripe"
PAYLOADS = Path(os.environ.get("PRO_SHARED_DATA", ROOT.parent / "shared")) / "data" / "payloads"
FREE_FORM = ("metadata", "fraud_details", "payment_method_options", "shipping", "destination_details", "next_action")
NAMES = {bool: "boolean", int: "integer", str: "string", dict: "object", list: "array", type(None): "null"}
# First: what Stripe shows by default and we only when asked for. Second: what is only there after a failure.
LEFT_OUT = {"charge.refunds"}
SOMETIMES = {"refund.failure_balance_transaction", "refund.failure_reason"}
CLASSES: dict[str, Any] = {
    "balance": stripe.Balance,
    "charge": stripe.Charge,
    "customer": stripe.Customer,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "webhook_endpoint": stripe.WebhookEndpoint,
}


@pytest.fixture(scope="module")
def bodies(stripe_server_session) -> dict[str, list[dict[str, Any]]]:
    """Every object of a varied day, as sent over the wire."""
    stripe_server_session.reset()
    client = client_for(stripe_server_session)
    paid = captured(client)
    authorise(client)
    declined(client, "pm_card_chargeCustomerFail")
    declined(client, "pm_card_authenticationRequired")
    waiting = authorise(client, "pm_card_authenticationRequired", off_session=False, return_url=RETURN_URL)
    asked = authorise(client, "pm_card_authenticationRequired", off_session=False, return_url=RETURN_URL)
    requests.post(
        asked.next_action.redirect_to_url.url, data={"decision": "approve"}, allow_redirects=False, timeout=10
    )
    client.v1.payment_intents.cancel(waiting.id, params={"cancellation_reason": "abandoned"})
    client.v1.refunds.create(params={"payment_intent": paid.id, "reason": "duplicate", "amount": 100})
    failed = client.v1.refunds.create(params={"payment_intent": paid.id})
    stripe_server_session.settle_refund(failed.id, "failed")
    client.v1.setup_intents.create(params={"customer": paid.customer, "description": "later"})
    client.v1.webhook_endpoints.create(params={"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
    everything = {"limit": 100}
    found = {
        name: [json.loads(str(row)) for row in getattr(client.v1, name + "s").list(params=everything).data]
        for name in ("charge", "customer", "payment_intent", "payment_method", "refund", "setup_intent", "event")
    }
    found["webhook_endpoint"] = [json.loads(str(row)) for row in client.v1.webhook_endpoints.list().data]
    found["balance"] = [json.loads(str(client.v1.balance.retrieve()))]
    return found


def flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """(path, type) of everything inside; what stands in free-form fields is not looked at."""
    yield path, NAMES[type(value)]
    name = path.split(".")[-1]
    if name in FREE_FORM or (path.startswith("event.") and name in ("object", "previous_attributes")):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from flat(item, f"{path}[]")


def shape_of(name: str, found: list[dict[str, Any]]) -> dict[str, list[str]]:
    types: dict[str, set[str]] = {}
    for body in found:
        for path, kind in flat(body, name):
            types.setdefault(path, set()).add(kind)
    return {path: sorted(kinds) for path, kinds in sorted(types.items())}


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_bodies_fit_the_recorded_shape(bodies, name):
    shape = shape_of(name, bodies[name])
    file = RECORDED / f"{name}.json"
    if os.environ.get("PRO_RECORD_SHAPES"):
        file.write_text(json.dumps(shape, indent=1) + "\n")
    assert shape == json.loads(file.read_text())


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_field_is_known_to_the_official_client(bodies, name):
    known = set(CLASSES[name].__annotations__)
    assert {field for body in bodies[name] for field in body} - known == set()


def test_bodies_fit_stripes_own_samples(bodies):
    """Against a sample of each resource from Stripe's OpenAPI project, where it is at hand."""
    samples = PAYLOADS / "stripe-objects" / "openapi" / "fixtures3.json"
    resources = json.loads(samples.read_text())["resources"] if samples.exists() else {}
    for name in CLASSES.keys() & resources.keys():
        theirs = dict(flat(resources[name], name))
        ours = shape_of(name, bodies[name])
        assert first_level(theirs) - first_level(ours) == LEFT_OUT & first_level(theirs)
        assert first_level(ours) - first_level(theirs) == SOMETIMES & first_level(ours)
        for path in ours.keys() & theirs.keys():
            assert theirs[path] == "null" or set(ours[path]) <= {theirs[path], "null"}, path


def first_level(paths: Iterable[str]) -> set[str]:
    return {path for path in paths if path.count(".") == 1 and "[" not in path}


def test_events_fit_recorded_stripe_events(bodies):
    """Against older recorded events: the envelope is theirs, and shared fields of the object have the same type."""
    folder = PAYLOADS / "stripe-events" / "lib" / "stripe_mock" / "webhook_fixtures"
    compared = 0
    for event in bodies["event"]:
        file = folder / f"{event['type']}.json"
        if not file.exists():
            continue
        recorded = json.loads(file.read_text())
        assert set(recorded) - set(event) == set(), event["type"]
        theirs, ours = recorded["data"]["object"], event["data"]["object"]
        assert ours["object"] == theirs["object"]
        for field in set(ours) & set(theirs) - {"refunds"}:
            kinds = {NAMES[type(ours[field])], NAMES[type(theirs[field])]}
            assert len(kinds - {"null"}) <= 1, (event["type"], field)
        compared += 1
    assert compared > 0 or not folder.exists()


@pytest.mark.parametrize(
    ("spec", "known"),
    [
        (payment_intents._CREATE, stripe_params.PaymentIntentCreateParams),
        (payment_intents._CONFIRM, stripe_params.PaymentIntentConfirmParams),
        (customers._EDITABLE, stripe_params.CustomerUpdateParams),
        (payment_methods._BILLING, stripe_params.PaymentMethodCreateParamsBillingDetails),
        (setup_intents._CREATE, stripe_params.SetupIntentCreateParams),
    ],
)
def test_accepted_parameters_are_known_to_the_official_client(spec, known):
    names = set(known.__annotations__) or set(get_type_hints(known))
    assert set(spec) - names == set()
