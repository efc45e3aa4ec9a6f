"""Erasing a shopper: no word of theirs stands anywhere, and no number has changed."""

import json
import re
from datetime import timedelta

import pytest

from core import clock
from core.clock import now
from core.models import IdempotencyRecord, InboundWebhook, OutboxEvent, StoredFile
from core.outbox import dispatch_due
from core.tenancy import tenant_scope
from merchants.models import AuditEntry, MerchantExport
from merchants.services.exports import export_request, exports_write
from messaging.models import Message
from messaging.selectors import is_suppressed
from orders.errors import CustomerBusy, CustomerErased
from orders.inputs import CustomerInput
from orders.models import Address, Customer, Order, OrderTender
from orders.services.customers import customers_upsert
from orders.services.privacy import customer_erase, customer_export
from orders.services.revisions import Actor
from tests.factories import AddressInputFactory, CustomerInputFactory, UserFactory, paid_order
from tests.privacy.person import EMAIL, EXTERNAL_ID, LAST, body, person
from tests.privacy.search import found, rows_of, tables
from tests.tenancy.rows import one_of_everything

pytestmark = pytest.mark.django_db
STAFF = Actor("user", "7")
# What the numbers of a shop are made of, and what proves them.
NUMBERS = (
    *("metrics_orderfact", "metrics_metricday", "metrics_postpurchaseentry", "orders_orderrevision"),
    *("orders_orderline", "orders_orderrefund", "editing_quote", "payments_paymentevent", "orders_variant"),
)
SUMS = {
    "orders_order": "id, number, external_id, placed_at, paid_at, currency, items_minor, discount_minor, tax_minor, "
    "shipping_minor, total_minor, refunded_minor, checkout_total_minor, checkout_net_minor, version, customer_id",
    "orders_ordertender": "id, kind, amount_minor, captured_minor, brand",
    "payments_paymentintentrecord": "id, amount_minor, captured_minor, status, provider_intent_id",
    "orders_address": "id, country",
    "giftcards_openingbalance": "id, code_hash, balance_minor, currency",
}
# Nothing of a shopper's life leads here; `one_of_everything` fills the rest.
NOT_FILLED = {
    *("merchants_merchantdomain", "merchants_membership", "payments_stripeaccount", "metrics_dirtyday"),
    *("orders_productcomplement", "orders_orderrefund"),
}


def numbers(merchant_id):
    figures = {table: rows_of(table, merchant_id) for table in NUMBERS}
    return figures | {table: rows_of(table, merchant_id, columns) for table, columns in SUMS.items()}


def erase(customer):
    return customer_erase(customer_id=customer.pk, actor=STAFF, reason="requested")


def test_nothing_of_the_person_is_left_and_no_number_changes(life, merchant, other_merchant, other_api):
    assert other_api.post("/orders", body(currency="GBP")).status_code == 201
    dispatch_due()
    others = {table: rows_of(table, other_merchant.pk) for table in tables() if "merchants_" not in table}
    places = found(life.needles, merchant_id=merchant.pk)
    assert {word for word, _ in places} == life.needles, "the life has all of it, and the search finds it"
    expected = {
        *("orders_customer", "orders_address", "orders_order", "orders_ordertender", "messaging_message"),
        *("payments_paymentintentrecord", "core_outboxevent", "core_inboundwebhook", "core.IdempotencyRecord"),
        *("connectors_importrun", "connectors.ImportRun", "giftcards_openingbalance"),
    }
    assert expected <= {place for _, place in places}
    assert any(place.startswith("file ") for _, place in places)
    before = numbers(merchant.pk)
    erased = erase(life.customer)
    dispatch_due()
    assert found(life.needles, merchant_id=merchant.pk) == set()
    assert numbers(merchant.pk) == before
    assert not [word for word in life.needles if word.casefold() in life.log.getvalue().casefold()]
    assert set(erased.changed) >= {
        "customer",
        "orders",
        "messages",
        "payments",
        "links",
        "copies",
        "files",
        "gift_cards",
    }
    assert not OrderTender.objects.filter(order__customer=life.customer).exclude(last4="").exists()
    assert set(Address.objects.values_list("country", flat=True)) == {"GB"}
    assert {table: rows_of(table, other_merchant.pk) for table in others} == others, "a shop's shopper is its own"
    with tenant_scope(other_merchant.pk):
        assert Customer.objects.get().email == EMAIL


def test_whoever_shares_an_address_keeps_theirs(life, api, merchant):
    sibling = {"external_id": "sibling-1", "email": EMAIL, "first_name": "Bertram", "last_name": LAST}
    answer = api.post("/orders", {**body(external_id="3001", number="3001"), "customer": sibling, "tags": []})
    order_id = answer.json()["id"]
    api.post(f"/orders/{order_id}/cancel", Idempotency_Key="cancel-sibling")
    assert inbound(f'{{"customer": {{"external_id": "sibling-1", "email": "{EMAIL}"}}}}')
    erase(life.customer)
    kept = Customer.objects.get(external_id="sibling-1")
    assert (kept.email, kept.first_name) == (EMAIL, "Bertram")
    assert Order.objects.get(pk=order_id).shipping_address.line1 == "5 Nightjar Close"
    assert "sibling-1" in InboundWebhook.objects.get(external_id="evt_3").body
    told = IdempotencyRecord.objects.get(key="cancel-sibling")
    assert json.loads(told.body)["customer"]["email"] == EMAIL
    assert Message.objects.filter(customer=kept).exclude(to_email=EMAIL).count() == 0


def test_whoever_got_a_gift_or_has_the_earlier_mail_address_is_somebody_else(scope):
    old, mia = "family@mail.example", CustomerInputFactory(external_id="c-1", email="mia@mail.example", last_name="Li")
    gift = AddressInputFactory(name="Ann Lee", line1="9 Gift Lane")
    customer = paid_order(external_id="1", customer=mia, shipping_address=gift).customer
    Message.objects.create(customer=customer, to_email=old, template="x", dedupe_key="1")
    ann = CustomerInputFactory(external_id="c-2", email=old.upper(), first_name="Ann", last_name="Lee")
    paid_order(external_id="2", customer=ann, shipping_address=AddressInputFactory(line1="1 Home Row"))
    for word in ("Ann Lee", old):
        InboundWebhook.objects.create(source="elsewhere", external_id=word, topic="x", body=f"news of {word}")
    erase(customer)
    assert set(InboundWebhook.objects.values_list("body", flat=True)) == {"news of Ann Lee", f"news of {old}"}
    assert Message.objects.get(dedupe_key="1").to_email == ""


def test_whoever_has_the_same_name_keeps_their_addresses(scope):
    def order(who, version, street):
        return paid_order(
            external_id=f"o-{who}",
            version=version,
            customer=CustomerInputFactory(external_id=who, email=f"{who}@mail.example", last_name="Li"),
            shipping_address=AddressInputFactory(name="Mia Li", line1=street),
        )

    left_over = Address.objects.create(name="Mia Li", line1="1 First Row", country="GB")
    order("namesake", 1, "2 Second Row")
    order("namesake", 2, "3 Third Row")
    order("gone", 1, "4 Fourth Row")
    erase(order("gone", 2, "5 Fifth Row").customer)
    assert set(Address.objects.exclude(line1="").values_list("line1", flat=True)) >= {"2 Second Row", "3 Third Row"}
    assert not Address.objects.filter(line1__in=["1 First Row", "4 Fourth Row", "5 Fifth Row"]).exists()
    left_over.refresh_from_db()
    assert left_over.name == ""


def test_what_they_ordered_as_a_guest_goes_too(scope):
    def order(number, *, who=None, name="Mia Li", street="4 Fourth Row", to="Mia Li"):
        billing = AddressInputFactory(name=name, line1=street, postal_code="A1")
        shipping = AddressInputFactory(name=to, line1="9 Pick-up Point")
        return paid_order(external_id=number, customer=who, billing_address=billing, shipping_address=shipping)

    mia = CustomerInputFactory(external_id="c-1", first_name="Mia", last_name="Li")
    theirs = [order("1", who=mia), order("2", who=mia, name="Ann Lee"), order("3")]
    others = [order("4", name="Ann Li"), order("5", street="14 Fourth Row"), order("6", name="Ann Lee")]
    customer = theirs[0].customer
    exported = customer_export(customer_id=customer.pk)["orders"]
    assert {one["number"] for one in exported} == {one.number for one in theirs}
    erase(customer)
    for one in (*theirs, *others):
        one.refresh_from_db()
        assert (one.billing_address.line1 == "") == (one in theirs), one.number
        assert (one.shipping_address.name == "") == (one in theirs), one.number


def test_slices_of_an_export_that_is_offered_no_more_go_too(scope):
    customer = paid_order().customer
    export_request(merchant_id=scope.pk, by=UserFactory())
    exports_write()
    with clock.frozen(MerchantExport.objects.get().expires_at + timedelta(hours=2)):
        erase(customer)
    assert not StoredFile.objects.exists()


def inbound(text):
    return InboundWebhook.objects.create(source="elsewhere", external_id="evt_3", topic="x", body=text)


def test_a_change_of_theirs_that_is_under_way_comes_first(scope):
    rows = one_of_everything()
    rows["core.StoredFilePart"].delete()  # of no file that could be read
    customer = rows["orders.Customer"]
    with pytest.raises(CustomerBusy, match="A change of an order of this customer is under way") as refused:
        erase(customer)
    assert refused.value.kind.status == 409
    rows["editing.EditSession"].state = "applied"
    rows["editing.EditSession"].save()
    with pytest.raises(CustomerBusy, match="A payment of this customer is under way"):
        erase(customer)
    customer.refresh_from_db()
    assert customer.email, "nothing was changed"
    rows["payments.PaymentIntentRecord"].status = "cancelled"
    rows["payments.PaymentIntentRecord"].save()
    erase(customer)


def test_the_life_leaves_rows_in_every_table_and_all_of_it_is_handed_out(life, api, merchant):
    """A new table must be led to, or be said why not; else the search above searches nothing in it."""
    empty = {table for table in tables() if not rows_of(table, merchant.pk)}
    api.post("/orders", body(external_id="4001", number="4001") | {"customer": {"external_id": "c-other"}})
    sections = customer_export(customer_id=life.customer.pk)
    text = json.dumps(sections)
    assert [word for word in life.needles if word not in text] == []
    assert "/l/[token]" in text, "whoever may read must not be able to act as the shopper"
    assert re.search(r"/l/[\w\-]{20}", text) is None
    assert set(sections) == {
        *("customer", "orders", "messages", "suppressions", "payments", "gift_cards", "changes", "figures"),
        *("links", "files", "copies", "log"),
    }
    assert [order["number"] for order in sections["orders"]] == ["1001", "1002"]
    assert "4001" not in text
    plain = {label.replace(".", "_").lower() for label in one_of_everything()}
    assert (empty & plain) - NOT_FILLED == set()


def test_what_the_outside_meets_afterwards(life, api, merchant):
    customer, order, visitor = life.customer, life.order, life.visitor
    erase(customer)
    repeated = api.post(f"/orders/{Order.objects.get(external_id='1002').pk}/cancel", Idempotency_Key="cancel-1")
    assert (repeated.status_code, repeated.json()["code"]) == (409, "answer_erased")
    shown = api.get(f"/orders/{order.pk}").json()
    assert (shown["customer"]["email"], shown["customer"]["external_id"]) == ("", f"erased-{customer.pk}")
    assert visitor.client.get(visitor.here).status_code == 404, "the link is gone"
    news = body(version=3)
    told = api.post("/orders", {**news, "fulfilled_at": news["placed_at"]})
    assert (told.status_code, told.json()["customer"]["id"]) == (200, str(customer.pk))
    assert found(life.needles, merchant_id=merchant.pk) == set(), "news of an order brings nobody back"
    assert api.post("/orders", body(external_id="2001", number="2001")).status_code == 201
    new = Customer.objects.get(external_id=EXTERNAL_ID)
    assert new.pk != customer.pk, "a new order is a new customer's"
    assert Order.objects.filter(customer=customer).count() == 2
    [again] = customers_upsert(source="custom", items=[CustomerInput(**person(phone="1"))])
    assert (again.created, again.customer) == (False, new)


def test_what_is_inside_afterwards(life):
    done = MerchantExport.objects.get()
    half = MerchantExport.objects.create(state="running", model="orders.Order", expires_at=done.expires_at)
    erase(life.customer)
    states = set(Message.objects.values_list("state", "withheld_because", "to_email", "text"))
    assert states == {("sent", "", "", ""), ("suppressed", "erased", "", "")}
    assert is_suppressed("email", EMAIL, "marketing") == "unsubscribed"
    assert set(InboundWebhook.objects.values_list("external_id", "state", "body")) == {
        ("evt_1", "received", "{}"),
        ("evt_2", "received", '{"customer": "cus_other123"}'),
        ("evt_0", "processed", ""),
    }
    for export in (done, half):
        export.refresh_from_db()
    assert done.expires_at <= now()
    assert (half.state, half.model, half.slices) == ("queued", "", []), "a copy of all rows begins anew"
    assert not StoredFile.objects.filter(purpose="merchant_export").exists()
    entry = AuditEntry.objects.get(action="customer.erased")
    assert (entry.actor_type, entry.actor_id, entry.object_id) == ("user", "7", str(life.customer.pk))
    assert entry.after["reason"] == "The person asked for it"
    event = OutboxEvent.objects.get(name="customer.erased")
    assert event.payload == {"customer_id": str(life.customer.pk)}
    text = json.dumps(customer_export(customer_id=life.customer.pk))
    assert not [word for word in life.needles if word in text]
    with pytest.raises(CustomerErased):
        erase(life.customer)
    life.customer.refresh_from_db()
    assert str(life.customer) == "Erased customer"
