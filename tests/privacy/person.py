"""One shopper with a life in a shop: everything that leaves rows, through the doors that leave them."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.db import connection, transaction
from django.test import Client

from connectors.services.profiles import profile_named, profiles_ensure
from connectors.services.resume import runs_resume
from connectors.services.runs import FILE_KEPT_FOR, FILE_PURPOSE, run_create_from_upload, run_start
from core import clock, outbox
from core.files import file_store
from core.inbound import inbound_finish, inbound_store
from core.models import InboundWebhook
from core.outbox import dispatch_due
from devtools.stripe.running import StripeServer
from giftcards.inputs import GiftCardInput
from giftcards.services.opening import opening_balances_import
from merchants.models import Merchant
from merchants.services.exports import export_request, exports_write
from messaging.models import Message
from messaging.services.send import messages_send_due
from messaging.services.suppression import suppression_add
from metrics.services.days import days_sweep
from orders.models import Customer, Order, Variant
from tests.api_client import ApiClient
from tests.factories import UserFactory
from tests.order_bodies import order_body
from tests.portal.conftest import Shopper

FIRST, LAST = "Quillana", "Featherstonehaugh"
EMAIL = "quillana.f@mail.example"
OLD_EMAIL = "q.featherstone@old.example"
PHONE = "+44 7700 900173"
EXTERNAL_ID = "shopper-q-4711"
STREET, TOWN, POSTCODE, REGION = "5 Nightjar Close", "Wychbold", "WR9 7QX", "Worcestershire"
OLD_STREET, OLD_BILLING_STREET = "88 Corncrake Row", "3 Dotterel Mews"
LAST4 = "7391"
NEEDLES = {
    *(FIRST, LAST, EMAIL, OLD_EMAIL, PHONE, EXTERNAL_ID),
    *(STREET, TOWN, POSTCODE, REGION, OLD_STREET, OLD_BILLING_STREET),
}
FAILS = "tests.privacy_fails"


@dataclass
class Life:
    customer: Customer
    order: Order
    visitor: Shopper
    needles: set[str]
    log: io.StringIO


def person(**changes: Any) -> dict[str, Any]:
    return {"external_id": EXTERNAL_ID, "email": EMAIL, "first_name": FIRST, "last_name": LAST, **changes}


def address(street: str = STREET) -> dict[str, str]:
    return {
        "name": f"{FIRST} {LAST}",
        "line1": street,
        "city": TOWN,
        "region": REGION,
        "postal_code": POSTCODE,
        "country": "GB",
    }


def body(**changes: Any) -> dict[str, Any]:
    at = clock.now().isoformat()
    return order_body(
        placed_at=at,
        paid_at=at,
        customer=person(),
        shipping_address=address(),
        billing_address=address(),
        landing_utm={"utm_source": "news", "utm_term": EMAIL},
        tags=["gift", f"for {FIRST} {LAST}"],
        **changes,
    )


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, as it is written to stderr."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(next(h.formatter for h in root.handlers if type(h) is logging.StreamHandler))
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.fixture
def life(
    scope: Merchant,
    settings: Any,
    api: ApiClient,
    tray: Variant,
    log: io.StringIO,
    stripe_server: StripeServer,
    stripe_client: stripe.StripeClient,
) -> Life:
    settings.STRIPE_API_KEY = stripe_server.api_key
    settings.STRIPE_API_BASE = stripe_server.url
    payer = stripe_client.v1.customers.create(params={})
    card = stripe_client.v1.payment_methods.attach("pm_card_visa", params={"customer": payer.id})
    stripe_server.set_card(card.id, "ok")
    order = _orders(api, payer.id, card.id)
    visitor = _visits(api, order, tray, stripe_server)
    customer = Customer.objects.get(external_id=EXTERNAL_ID)
    _letters(customer, payer.id)
    _files(scope, customer)
    days_sweep()
    return Life(customer, order, visitor, NEEDLES | {payer.id, card.id}, log)


def _orders(api: ApiClient, payer: str, card: str) -> Order:
    """The customer under an old address, an order, the same at a new address, and one that is cancelled."""
    assert api.post("/customers", {"source": "custom", **person(email=OLD_EMAIL, phone=PHONE)}).status_code == 201
    tender = {
        "kind": "card",
        "provider": "stripe",
        "customer": payer,
        "payment_method": card,
        "brand": "visa",
        "last4": LAST4,
        "amount": "20.25",
        "captured": "20.25",
    }
    first = {"customer": person(email=OLD_EMAIL), "shipping_address": address(OLD_STREET)}
    first |= {"billing_address": address(OLD_BILLING_STREET)}
    assert api.post("/orders", {**body(tenders=[tender]), **first}).status_code == 201
    dispatch_due()  # the first mail, to the old address
    assert api.post("/orders", body(version=2, tenders=[tender])).status_code == 200
    other = api.post("/orders", body(external_id="1002", number="1002", tenders=[tender])).json()
    assert api.post(f"/orders/{other['id']}/cancel", Idempotency_Key="cancel-1").status_code == 200
    return Order.objects.get(external_id="1001")


def _visits(api: ApiClient, order: Order, tray: Variant, server: StripeServer) -> Shopper:
    """She opens her link, adds a tray, pays for it, asks for another link, and leaves a draft behind."""
    made = api.post(f"/orders/{order.pk}/portal-links", {}, Idempotency_Key="link-1").json()
    client = Client()
    link = f"/m/{made['url'].partition('/m/')[2]}"
    assert client.get(link).status_code == 302
    visitor = Shopper(order, client, link, server)
    visitor.add(tray)
    visitor.confirm()
    assert [edit.state for edit in visitor.edits()] == ["applied"]
    visitor.add(tray, 2)
    assert Client().post(f"/m/{order.merchant.slug}/find/", {"email": EMAIL, "number": order.number}).status_code == 200
    dispatch_due()
    return visitor


def _letters(customer: Customer, payer: str) -> None:
    """Mails sent, failed and waiting, webhooks, events that failed."""
    messages_send_due()
    failed, waiting = Message.objects.filter(customer=customer).order_by("created_at")[:2]
    Message.objects.filter(pk=failed.pk).update(state="failed", sent_at=None, error=f"550 no such user {EMAIL}")
    Message.objects.filter(pk=waiting.pk).update(state="queued", sent_at=None)
    charge = {"id": "evt_1", "data": {"object": {"customer": payer, "billing_details": {"name": f"{FIRST} {LAST}"}}}}
    assert inbound_store(source="elsewhere", external_id="evt_1", topic="charge", body=json.dumps(charge))
    assert inbound_store(source="elsewhere", external_id="evt_0", topic="charge", body=f"receipt_email={EMAIL}")
    inbound_finish(InboundWebhook.objects.get(external_id="evt_0"))
    assert inbound_store(source="elsewhere", external_id="evt_2", topic="charge", body='{"customer": "cus_other123"}')
    suppression_add(channel="email", address=EMAIL, reason="unsubscribed")
    with transaction.atomic():
        event = outbox.publish(FAILS, aggregate_type="customer", aggregate_id=customer.pk)
        told = outbox.publish(FAILS, aggregate_type="customer", aggregate_id=customer.orders.all()[0].pk)
    dispatch_due()
    event.refresh_from_db()
    assert "invalid input syntax" in event.last_error
    type(told).objects.filter(pk=told.pk).update(last_error=f"hello: KeyError: 'no greeting for {FIRST}'")


@outbox.subscribe(FAILS, name="tests.privacy_fails")
def _fail(event: outbox.Event) -> None:
    """PostgreSQL quotes what it cannot read."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [f"{FIRST} {LAST} of {STREET}"])


def _files(merchant: Merchant, customer: Customer) -> None:
    """An import that is done and one that waits, gift cards, and a copy of all rows."""
    profiles_ensure()
    profile = profile_named(kind="customers", name="pro_customers")
    rows = [
        "source,external_id,email,first_name,last_name,phone",
        f"custom,{EXTERNAL_ID},{EMAIL},{FIRST},{LAST},{PHONE}",
        f"custom,x2,{FIRST} {LAST},,,",
    ]
    for start in (True, False):
        data = "\n".join([*rows, *(["custom,x3,,,,"] if start else [])]).encode()
        file = file_store([data], purpose=FILE_PURPOSE, name=f"{LAST}.csv", keep=FILE_KEPT_FOR)
        run = run_create_from_upload(profile=profile, file=file, started_by=None)
        runs_resume()
        if start:
            run_start(run_id=run.pk)
            runs_resume()
    card = GiftCardInput(
        code="HP7K-Q2M9-XW41",
        currency="USD",
        balance_minor=2500,
        expires_at=clock.now() + timedelta(days=90),
        customer_external_id=EXTERNAL_ID,
        note=f"From {FIRST} {LAST}",
    )
    [result] = opening_balances_import(items=[card])
    assert result.card.customer_id == customer.pk
    owner: Any = UserFactory()
    export_request(merchant_id=merchant.pk, by=owner)
    exports_write()
