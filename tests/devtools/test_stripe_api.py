"""The way Stripe talks: keys, parameters, errors, lists, expansion, accounts."""

import base64

import pytest
import requests
import stripe

from devtools.stripe import forms
from devtools.stripe.errors import InvalidError
from tests.devtools.shopper import RETURN_URL, authorise, captured, customer_with


def ask(server, method: str, path: str, **options) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.api_key}", **options.pop("headers", {})}
    return requests.request(method, server.url + path, headers=headers, timeout=10, **options)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer ", "Bearer sk_live_51H", "Bearer pk_test_1", "Basic !!!", "Basic " + base64.b64encode(b":").decode()],
)
def test_no_key_no_answer(stripe_server, header):
    answer = ask(stripe_server, "GET", "/v1/customers", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_basic_authentication_as_in_the_documentation(stripe_server):
    token = base64.b64encode(f"{stripe_server.api_key}:".encode()).decode()
    answer = ask(stripe_server, "GET", "/v1/customers", headers={"Authorization": f"Basic {token}"})
    assert answer.status_code == 200
    assert answer.headers["Request-Id"].startswith("req_")


@pytest.mark.parametrize("account", ["not-an-account", "acct_", "acct_" + "x" * 65, "acct_a'b"])
def test_impossible_accounts(stripe_server, account):
    answer = ask(stripe_server, "GET", "/v1/customers", headers={"Stripe-Account": account})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "account_invalid")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ("currency=gbp", "parameter_missing", "amount"),
        ("amount=&currency=gbp", "parameter_invalid_empty", "amount"),
        ("amount=12.5&currency=gbp", "parameter_invalid_integer", "amount"),
        ("amount=-5&currency=gbp", "parameter_invalid_integer", "amount"),
        ("amount=٣٠٠&currency=gbp", "parameter_invalid_integer", "amount"),
        ("amount=500&currency=pounds", None, "currency"),
        ("amount=500&currency=gbp&colour=red", "parameter_unknown", "colour"),
        ("amount=500&currency=gbp&shipping[name]=A&shipping[address][street]=x", "parameter_unknown",
         "shipping[address][street]"),
        ("amount=500&currency=gbp&shipping[name]=A", "parameter_missing", "shipping[address]"),
        ("amount=500&currency=gbp&confirm=yes", None, "confirm"),
        ("amount=500&currency=gbp&capture_method=later", None, "capture_method"),
        ("amount=500&currency=gbp&return_url=nowhere", "url_invalid", "return_url"),
        ("amount=500&currency=gbp&customer=cus_nobody", "resource_missing", "customer"),
        ("amount=500&currency=gbp&payment_method=pm_nobody", "resource_missing", "payment_method"),
        ("amount=500&currency=gbp&off_session=true", None, "off_session"),
        ("amount=500&currency=gbp&payment_method_types[]=card", "payment_method_types_no_longer_supported",
         "payment_method_types"),
        ("amount=500&currency=gbp&metadata=x", None, "metadata"),
        ("amount=500&currency=gbp&metadata[k]=" + "v" * 501, "parameter_invalid_string", "metadata[k]"),
        ("amount=500&currency=gbp&metadata[" + "k" * 41 + "]=v", None, "metadata"),
        ("amount=500&currency=gbp&description=" + "d" * 1001, "parameter_invalid_string", "description"),
        ("amount=500&currency=gbp&expand[]=client_secret", None, "expand"),
        ("amount=500&amount[x]=1", None, "amount[x]"),
    ],
)  # fmt: skip
def test_unfit_parameters(stripe_server, body, code, param):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = ask(stripe_server, "POST", "/v1/payment_intents", data=body.encode(), headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error.get("code"), error["param"]) == (400, code, param)
    assert error["type"] == "invalid_request_error"
    assert stripe_server.payment_intents()["count"] == 0


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v1/customers/cus_x", "id"),
        ("/v1/payment_intents/pi_x", "intent"),
        ("/v1/payment_methods/pm_x", "payment_method"),
        ("/v1/setup_intents/seti_x", "intent"),
        ("/v1/charges/ch_x", "charge"),
        ("/v1/refunds/re_x", "id"),
        ("/v1/events/evt_x", "id"),
        ("/v1/webhook_endpoints/we_x", "webhook_endpoint"),
    ],
)
def test_what_is_not_there_is_404(stripe_server, path, param):
    answer = ask(stripe_server, "GET", path)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (404, "resource_missing", param)
    assert path.split("/")[-1] in error["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/plans"), ("DELETE", "/v1/payment_intents/pi_1"), ("GET", "/v1/customers/a.b"), ("GET", "/")],
)
def test_unknown_addresses(stripe_server, method, path):
    answer = ask(stripe_server, method, path)
    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


def test_bodies_that_are_not_forms(stripe_server):
    url = "/v1/customers"
    assert ask(stripe_server, "POST", url, json={"email": "a"}).status_code == 400
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask(stripe_server, "POST", url, data=b"email=\xff\xfe", headers=form).status_code == 400
    assert ask(stripe_server, "POST", url, data=b"x" * 1_000_001, headers=form).status_code == 413
    deep = "a" + "[b]" * 20 + "=1"
    assert ask(stripe_server, "POST", url, data=deep, headers=form).status_code == 400


def test_forms_with_brackets():
    assert forms.decode("a=1&b[c][d]=2&e[]=x&e[]=y&f[1]=q&f[0]=p&g=") == {
        "a": "1",
        "b": {"c": {"d": "2"}},
        "e": ["x", "y"],
        "f": ["p", "q"],
        "g": "",
    }
    for broken in ("[a]=1", "a[=1", "a=1&a[b]=2", "a[b]=1&a=2", "a]b=1"):
        with pytest.raises(InvalidError):
            forms.decode(broken)


def test_customers_are_kept_changed_and_deleted(stripe_client):
    address = {"line1": "1 High St", "city": "Leeds", "country": "GB", "postal_code": "LS1 1AA"}
    made = stripe_client.v1.customers.create(
        params={"email": "a@example.com", "address": address, "metadata": {"a": "1", "b": "2"}, "phone": "1"}
    )
    assert (made.address.city, made.address.state, made.metadata["a"]) == ("Leeds", None, "1")
    changed = stripe_client.v1.customers.update(
        made.id, params={"metadata": {"b": "", "c": "3"}, "phone": "", "name": "Ada"}
    )
    assert (changed.metadata.to_dict(), changed.phone, changed.name) == ({"a": "1", "c": "3"}, None, "Ada")
    event = stripe_client.v1.events.list(params={"type": "customer.updated"}).data[0]
    assert event.data.previous_attributes.to_dict() == {
        "metadata": {"a": "1", "b": "2"},
        "name": None,
        "phone": "1",
    }
    assert stripe_client.v1.customers.update(made.id, params={"metadata": ""}).metadata.to_dict() == {}
    _, method = customer_with(stripe_client)
    with pytest.raises(stripe.InvalidRequestError, match="must be attached"):
        stripe_client.v1.customers.update(made.id, params={"invoice_settings": {"default_payment_method": method}})
    assert stripe_client.v1.customers.delete(made.id).deleted is True
    assert stripe_client.v1.customers.retrieve(made.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe_client.v1.customers.update(made.id, params={"name": "B"})
    assert caught.value.http_status == 404


def test_a_customer_can_be_created_with_a_card(stripe_client):
    customer = stripe_client.v1.customers.create(params={"payment_method": "pm_card_visa"})
    [method] = stripe_client.v1.customers.payment_methods.list(customer.id).data
    assert stripe_client.v1.customers.payment_methods.retrieve(customer.id, method.id).card.last4 == "4242"
    billed = stripe_client.v1.payment_methods.update(method.id, params={"billing_details": {"name": "Ada"}})
    assert billed.billing_details.name == "Ada"
    with pytest.raises(stripe.CardError):
        stripe_client.v1.customers.create(params={"payment_method": "pm_card_visa_chargeDeclined"})


def test_deleting_a_customer_lets_go_of_the_cards(stripe_client):
    customer, method = customer_with(stripe_client)
    stripe_client.v1.customers.delete(customer)
    assert stripe_client.v1.payment_methods.retrieve(method).customer is None


def test_lists_are_newest_first_with_cursors(stripe_client):
    made = [stripe_client.v1.customers.create(params={"email": f"{n}@example.com"}).id for n in range(5)][::-1]
    first = stripe_client.v1.customers.list(params={"limit": 2})
    assert ([row.id for row in first.data], first.has_more, first.url) == (made[:2], True, "/v1/customers")
    then = stripe_client.v1.customers.list(params={"limit": 2, "starting_after": made[1]})
    assert [row.id for row in then.data] == made[2:4]
    last = stripe_client.v1.customers.list(params={"limit": 2, "starting_after": made[3]})
    assert ([row.id for row in last.data], last.has_more) == (made[4:], False)
    back = stripe_client.v1.customers.list(params={"limit": 2, "ending_before": made[3]})
    assert ([row.id for row in back.data], back.has_more) == (made[1:3], True)
    everything = stripe_client.v1.customers.list(params={"limit": 2}).auto_paging_iter()
    assert [row.id for row in everything] == made
    assert [row.id for row in stripe_client.v1.customers.list(params={"email": "0@example.com"}).data] == [made[-1]]
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.customers.list(params={"starting_after": "cus_nobody"})
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.customers.list(params={"limit": 101})


def test_intents_are_listed_by_customer_and_time(stripe_client, stripe_server):
    intent = authorise(stripe_client)
    authorise(stripe_client)
    customer = {"customer": intent.customer}
    found = stripe_client.v1.payment_intents.list(params={**customer, "created": {"gte": intent.created}}).data
    assert [row.id for row in found] == [intent.id]
    later = {"created": {"gt": intent.created + 60}}
    assert stripe_client.v1.payment_intents.list(params={**customer, **later}).data == []
    assert [row.id for row in stripe_client.v1.charges.list(params=customer).data] == [intent.latest_charge]


def test_search_by_metadata(stripe_client):
    intent = captured(stripe_client, metadata={"edit_id": "e-5", "shop": "a'b"})
    authorise(stripe_client, metadata={"edit_id": "e-6"})
    search = stripe_client.v1.payment_intents.search
    for query in ("metadata['edit_id']:'e-5'", 'metadata["shop"]:"a\'b" AND status:"succeeded"'):
        assert [row.id for row in search(params={"query": query}).data] == [intent.id]
    assert search(params={"query": "metadata['edit_id']:'e-5' AND status:'canceled'"}).data == []
    with pytest.raises(stripe.InvalidRequestError, match="unable to parse"):
        search(params={"query": "amount>5"})


def test_ids_become_objects_on_request(stripe_client):
    intent = captured(stripe_client)
    stripe_client.v1.refunds.create(params={"charge": intent.latest_charge, "amount": 100})
    shown = stripe_client.v1.payment_intents.retrieve(
        intent.id, params={"expand": ["latest_charge.refunds", "customer", "payment_method.customer"]}
    )
    assert shown.latest_charge.refunds.data[0].amount == 100
    assert shown.customer.email == "ada@example.com"
    assert shown.payment_method.customer.id == shown.customer.id
    listed = stripe_client.v1.payment_intents.list(params={"expand": ["data.latest_charge"]}).data[0]
    assert listed.latest_charge.id == intent.latest_charge
    for wrong in ("nonsense", "status", "latest_charge.nonsense"):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
            stripe_client.v1.payment_intents.retrieve(intent.id, params={"expand": [wrong]})


def test_connected_accounts_are_separate_worlds(stripe_client):
    there = {"stripe_account": "acct_shop"}
    intent = captured(stripe_client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe_client.v1.payment_intents.retrieve(intent.id, options=there)
    assert caught.value.http_status == 404
    assert stripe_client.v1.customers.list(options=there).data == []
    theirs = stripe_client.v1.customers.create(options=there)
    assert theirs.id not in {row.id for row in stripe_client.v1.customers.list().data}
    assert stripe_client.v1.events.list(options=there).data[0].account == "acct_shop"


def test_the_client_secret_is_checked(stripe_client):
    intent = authorise(stripe_client, off_session=False, return_url=RETURN_URL)
    assert stripe_client.v1.payment_intents.retrieve(intent.id, params={"client_secret": intent.client_secret})
    with pytest.raises(stripe.InvalidRequestError, match="does not match"):
        stripe_client.v1.payment_intents.retrieve(intent.id, params={"client_secret": "pi_secret"})


def test_health_needs_no_key(stripe_server):
    assert requests.get(f"{stripe_server.url}/healthz", timeout=10).text == "ok"
