"""A thousand at once: each as if sent alone, each with its own result."""

import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from orders.models import Customer, Order, OrderRevision, Product
from tests.order_bodies import line_body, order_body, product_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


def statuses(answer):
    assert answer.status_code == 200, answer.content
    return [result["status"] for result in answer.json()["results"]]


def counts(answer):
    return {name: answer.json()[name] for name in ("created", "updated", "unchanged", "refused")}


class TestOrders:
    def test_each_has_its_result_in_its_place(self, api, merchant):
        bodies = [order_body(external_id=f"o{n}") for n in range(3)]
        bodies[1]["total"] = "20.24"
        answer = api.post("/orders/batch", {"orders": bodies})
        assert statuses(answer) == ["created", "refused", "created"]
        assert counts(answer) == {"created": 2, "updated": 0, "unchanged": 0, "refused": 1}
        results = answer.json()["results"]
        assert [result["index"] for result in results] == [0, 1, 2]
        assert [result["external_id"] for result in results] == ["o0", "o1", "o2"]
        assert results[1]["problem"]["code"] == "total_mismatch"
        assert results[1]["id"] is None
        assert api.get(f"/orders/{results[0]['id']}").json()["external_id"] == "o0"

    def test_the_same_again_changes_nothing(self, api, merchant):
        body = {"orders": [order_body(external_id=f"o{n}") for n in range(3)]}
        api.post("/orders/batch", body)
        assert statuses(api.post("/orders/batch", body)) == ["unchanged"] * 3
        with tenant_scope(merchant.pk):
            assert Order.objects.count() == OrderRevision.objects.count() == 3
            assert AuditEntry.objects.filter(action="orders.batch_received").count() == 1

    def test_who_changed_an_order_stands_in_its_revision(self, api, merchant):
        api.post("/orders/batch", {"orders": [order_body()]})
        with tenant_scope(merchant.pk):
            assert OrderRevision.objects.get().actor_type == "api_key"

    def test_one_order_twice_is_applied_twice_in_order(self, api):
        more = order_body(version=2, tags=["vip"])
        answer = api.post("/orders/batch", {"orders": [order_body(), more, order_body()]})
        assert statuses(answer) == ["created", "updated", "unchanged"]
        assert len({result["id"] for result in answer.json()["results"]}) == 1

    @pytest.mark.parametrize("item", [5, None, "text", [], True, {}, [[]]])
    def test_what_is_no_order_is_refused_alone(self, api, item):
        answer = api.post("/orders/batch", {"orders": [item, order_body()]})
        assert statuses(answer) == ["refused", "created"]
        refused = answer.json()["results"][0]
        assert refused["external_id"] is None
        assert refused["problem"]["code"] == "invalid"
        assert refused["problem"]["errors"]

    def test_fields_are_named_as_if_the_order_had_been_sent_alone(self, api):
        wrong = order_body(colour="red", lines=[line_body(quantity=0, unit_price="2.5")], external_id=7)
        errors = api.post("/orders/batch", {"orders": [wrong]}).json()["results"][0]["problem"]["errors"]
        assert set(errors) == {"colour", "lines.0.quantity", "lines.0.unit_price", "external_id"}
        assert errors == api.post("/orders", wrong).json()["errors"]

    def test_amounts_are_in_the_currency_of_their_own_order(self, api):
        yen = order_body(
            external_id="yen",
            currency="JPY",
            fx_rate="0.0066",
            lines=[line_body(unit_price="300")],
            shipping=None,
            total="1800",
            tenders=[],
        )
        nameless = order_body(external_id="none", currency=None)
        answer = api.post("/orders/batch", {"orders": [yen, order_body(), nameless, yen | {"external_id": "again"}]})
        assert statuses(answer) == ["created", "created", "refused", "created"]

    def test_refunds_come_with_the_order(self, api):
        refund = {
            "external_id": "r1",
            "refunded_at": "2026-03-10T11:00:00Z",
            "lines": [{"line_external_id": "1", "quantity": 1, "amount": "2.55"}],
            "shipping": "4.95",
        }
        order = api.post("/orders", order_body(refunds=[refund])).json()
        assert (order["refunded"], order["shipping_refunded"]) == ("7.50", "4.95")
        assert (order["lines"][0]["refunded"], order["lines"][0]["refunded_quantity"]) == ("2.55", 1)
        (stored,) = order["refunds"]
        assert (stored["external_id"], stored["amount"], stored["shipping"]) == ("r1", "7.50", "4.95")
        assert stored["lines"] == [{"line_id": order["lines"][0]["id"], "quantity": 1, "amount": "2.55"}]
        unknown = order_body(
            version=2,
            refunds=[
                {**refund, "external_id": "r2", "lines": [{"line_external_id": "9", "quantity": 1, "amount": "2.55"}]}
            ],
        )
        answer = api.post("/orders", unknown)
        assert answer.status_code == 422
        assert "refunds.0.lines.0.line_external_id" in answer.json()["errors"]


class TestBody:
    @pytest.mark.parametrize(
        "body", [[], 5, None, {}, {"orders": {}}, {"orders": "x"}, {"orders": None}, {"items": []}]
    )
    def test_what_is_no_batch_is_refused_as_a_whole(self, api, body):
        answer = api.send("/orders/batch", json.dumps(body))
        assert answer.status_code == 422
        assert answer.json()["code"] == "invalid"

    def test_unknown_fields_beside_the_orders_are_named(self, api):
        answer = api.post("/orders/batch", {"orders": [], "dry_run": True})
        assert answer.json()["errors"] == {"dry_run": ["Unknown field."]}

    def test_an_empty_batch_has_no_results(self, api):
        assert api.post("/orders/batch", {"orders": []}).json()["results"] == []

    @pytest.mark.parametrize("name", ["orders", "products", "customers"])
    def test_a_thousand_and_one_are_refused_as_a_whole(self, api, name):
        answer = api.post(f"/{name}/batch", {name: [{}] * 1001})
        assert answer.status_code == 422
        assert answer.json()["errors"] == {name: ["Send at most 1,000 at a time."]}

    def test_a_thousand_ordinary_orders_are_within_the_size(self, settings):
        lines = [
            line_body(external_id=f"{n}", title="White hanging heart holder", variant_external_id="85123A", tax="0.85")
            for n in range(20)
        ]
        size = len(json.dumps({"orders": [order_body(lines=lines)] * 1000}))
        assert settings.API_MAX_BODY_BYTES < size < settings.API_MAX_BATCH_BYTES

    def test_larger_bodies_are_for_batches_alone(self, api, settings):
        padding = b" " * (settings.API_MAX_BODY_BYTES + 1)
        assert api.send("/orders", padding).status_code == 413
        assert api.send("/orders/batch", b'{"orders": []}' + padding).status_code == 200
        assert api.send("/orders/batch", b" " * (settings.API_MAX_BATCH_BYTES + 1)).status_code == 413


def test_products_and_customers_come_in_batches_too(api, merchant):
    products = [product_body(external_id="p1", complements=["p2"]), {"external_id": 1}, product_body(external_id="p2")]
    answer = api.post("/products/batch", {"products": products})
    assert statuses(answer) == ["created", "refused", "created"]
    with tenant_scope(merchant.pk):
        assert Product.objects.get(external_id="p1").complements.get().complement.external_id == "p2"
    people = [{"external_id": "c1", "source": "a"}, {"external_id": "c1", "source": "b"}, {"email": "x"}]
    answer = api.post("/customers/batch", {"customers": people})
    assert statuses(answer) == ["created", "created", "refused"]
    consent = {"accepts_marketing": True, "consented_at": "2026-01-01T10:00:00Z", "consent_source": "checkout"}
    assert statuses(api.post("/customers/batch", {"customers": [people[0] | consent]})) == ["updated"]
    assert statuses(api.post("/customers/batch", {"customers": [people[0] | consent]})) == ["unchanged"]
    with tenant_scope(merchant.pk):
        assert Customer.objects.get(source="a").consent_source == "checkout"


@pytest.mark.parametrize(
    ("name", "scope"), [("orders", "orders:write"), ("products", "catalogue:write"), ("customers", "customers:write")]
)
def test_each_needs_its_scope(make_api, name, scope):
    assert make_api(scopes=[scope]).post(f"/{name}/batch", {name: []}).status_code == 200
    others = [f"{name}:read", *({"orders:write", "catalogue:write", "customers:write"} - {scope})]
    others = [other for other in others if other != "products:read"]
    assert make_api(scopes=others).post(f"/{name}/batch", {name: []}).status_code == 403


def test_as_few_statements_for_sixty_orders_as_for_two(api):
    made = []
    for name, count in (("a", 2), ("b", 60)):
        bodies = [order_body(external_id=f"{name}{n}", number=str(uuid.uuid4())) for n in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert statuses(api.post("/orders/batch", {"orders": bodies})) == ["created"] * count
        made.append(len(queries))
    assert made[1] <= made[0]  # the first also says that the key was used
