"""POST and GET /api/v1/orders: what comes in is what is stored and read."""

import pytest

from core.models import OutboxEvent
from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from orders.api.examples import ORDER_EXAMPLE, PRODUCT_EXAMPLE
from orders.models import EditWindow, Order
from tests.order_bodies import line_body, order_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


def test_an_order_comes_in_and_is_read_back(api):
    sent = api.post("/orders", order_body())
    assert sent.status_code == 201, sent.content
    body = sent.json()
    assert body["total"] == body["checkout_total"] == "20.25"
    assert body["items"] == "15.30"
    assert body["shipping"] == "4.95"
    assert body["lines"][0]["unit_price"] == "2.55"
    assert body["lines"][0]["total"] == "15.30"
    assert body["customer"]["email"] == "Ada@Example.com"
    assert body["tenders"] == [
        {"kind": "card", "provider": "", "brand": "visa", "last4": "4242", "amount": "20.25", "captured": "20.25"}
    ]
    assert api.get(f"/orders/{body['id']}").json() == body


def test_a_paid_order_has_an_open_window(api):
    window = api.post("/orders", order_body()).json()["window"]
    assert window["state"] == "open"
    assert window["closed_at"] is None


def test_an_unpaid_order_has_none_yet(api):
    assert api.post("/orders", order_body(paid_at=None)).json()["window"] is None


def test_the_same_twice_is_one_order(api, merchant):
    first = api.post("/orders", order_body())
    second = api.post("/orders", order_body())
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    with tenant_scope(merchant.pk):
        assert Order.objects.count() == 1
        assert AuditEntry.objects.filter(action__startswith="order.").count() == 1


def test_an_older_version_never_overwrites_a_newer(api):
    api.post("/orders", order_body(version=5, number="new"))
    answer = api.post("/orders", order_body(version=4, number="old"))
    assert answer.status_code == 200
    assert answer.json()["number"] == "new"
    assert answer.json()["external_version"] == 5


def test_a_newer_version_is_applied(api):
    first = api.post("/orders", order_body()).json()
    lines = [line_body(), line_body(external_id="2", title="Tray", quantity=1, unit_price="10.00")]
    second = api.post("/orders", order_body(version=2, lines=lines, total="30.25")).json()
    assert second["id"] == first["id"]
    assert second["total"] == "30.25"
    assert second["version"] == first["version"] + 1


def test_events_and_audit_are_written_with_the_order(api, merchant):
    order_id = api.post("/orders", order_body()).json()["id"]
    with tenant_scope(merchant.pk):
        names = list(OutboxEvent.objects.filter(aggregate_id=order_id).order_by("id").values_list("name", flat=True))
        entry = AuditEntry.objects.get(object_id=order_id)
    assert names[:2] == ["order.placed", "order.paid"]
    assert (entry.actor_type, entry.action) == ("api_key", "order.created")


def test_history_opens_no_window(api, merchant):
    api.post("/orders", order_body(backfill=True))
    with tenant_scope(merchant.pk):
        assert not EditWindow.objects.exists()


def test_an_order_in_yen_has_no_decimals(api):
    body = order_body(
        currency="JPY",
        fx_rate="0.0052",
        lines=[line_body(unit_price="1250", quantity=2)],
        shipping={"price": "0"},
        total="2500",
        tenders=[],
    )
    assert api.post("/orders", body).json()["total"] == "2500"


def test_a_foreign_currency_needs_its_rate(api):
    answer = api.post("/orders", order_body(currency="EUR"))
    assert answer.status_code == 422
    assert answer.json()["code"] == "fx_rate_required"


def test_examples_of_the_docs_page_work(other_api):
    """They are in pounds, the other merchant's currency."""
    assert other_api.post("/products", PRODUCT_EXAMPLE.value).status_code == 201
    answer = other_api.post("/orders", ORDER_EXAMPLE.value)
    assert answer.status_code == 201, answer.content
    assert answer.json()["lines"][0]["variant_id"]


class TestCancel:
    def test_cancel_closes_the_window(self, api):
        order_id = api.post("/orders", order_body()).json()["id"]
        answer = api.post(f"/orders/{order_id}/cancel", Idempotency_Key="k1")
        assert answer.status_code == 200, answer.content
        assert answer.json()["status"] == "cancelled"
        assert answer.json()["window"]["state"] == "cancelled"

    def test_cancel_needs_an_idempotency_key(self, api):
        order_id = api.post("/orders", order_body()).json()["id"]
        answer = api.post(f"/orders/{order_id}/cancel")
        assert answer.status_code == 400
        assert answer.json()["code"] == "idempotency_key_missing"
        assert api.get(f"/orders/{order_id}").json()["status"] == "open"

    def test_what_is_being_packed_is_not_cancelled(self, api):
        order_id = api.post("/orders", order_body(fulfilment_started_at="2026-03-10T11:00:00Z")).json()["id"]
        answer = api.post(f"/orders/{order_id}/cancel", Idempotency_Key="k1")
        assert answer.status_code == 409
        assert answer.json()["code"] == "order_already_fulfilling"


class TestFulfilment:
    def test_the_first_sign_closes_the_window(self, api):
        order_id = api.post("/orders", order_body()).json()["id"]
        answer = api.post(
            f"/orders/{order_id}/fulfilment",
            {"started_at": "2026-03-10T11:00:00Z", "lines": [{"external_id": "1", "fulfilled_quantity": 2}]},
        )
        assert answer.status_code == 200, answer.content
        assert answer.json()["window"]["close_reason"] == "fulfilment_started"
        assert answer.json()["lines"][0]["fulfilled_quantity"] == 2

    @pytest.mark.parametrize(
        ("lines", "code"),
        [
            ([{"external_id": "nope", "fulfilled_quantity": 1}], "unknown_line"),
            ([{"external_id": "1", "fulfilled_quantity": 7}], "fulfilment_exceeds_order"),
        ],
    )
    def test_wrong_lines_change_nothing(self, api, lines, code):
        order_id = api.post("/orders", order_body()).json()["id"]
        answer = api.post(f"/orders/{order_id}/fulfilment", {"lines": lines})
        assert answer.status_code == 422
        assert answer.json()["code"] == code
        assert api.get(f"/orders/{order_id}").json()["fulfilment_started_at"] is None


class TestList:
    def send(self, api, count):
        for index in range(count):
            body = order_body(external_id=str(index), number=f"A-{index}", is_test=index % 2 == 1)
            assert api.post("/orders", body).status_code == 201

    def test_pages_show_each_order_once_newest_first(self, api):
        self.send(api, 5)
        seen, cursor = [], None
        while True:
            page = api.get("/orders", limit=2, **({"cursor": cursor} if cursor else {})).json()
            seen += [order["number"] for order in page["results"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ["A-4", "A-3", "A-2", "A-1", "A-0"]

    def test_a_row_that_arrives_meanwhile_does_not_shift_the_pages(self, api):
        self.send(api, 3)
        first = api.get("/orders", limit=2).json()
        api.post("/orders", order_body(external_id="late", number="late"))
        second = api.get("/orders", limit=2, cursor=first["next_cursor"]).json()
        assert [order["number"] for order in second["results"]] == ["A-0"]

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ({"number": "a-1"}, ["A-1"]),
            ({"is_test": "true"}, ["A-1"]),
            ({"external_id": "2"}, ["A-2"]),
            ({"status": "cancelled"}, []),
            ({"is_paid": "true", "is_test": "false"}, ["A-2", "A-0"]),
            ({"placed_from": "2026-03-10T10:00:00Z", "placed_before": "2026-03-10T10:00:01Z"}, ["A-2", "A-1", "A-0"]),
            ({"placed_before": "2026-03-10T10:00:00Z"}, []),
        ],
    )
    def test_filters(self, api, query, numbers):
        self.send(api, 3)
        assert [order["number"] for order in api.get("/orders", **query).json()["results"]] == numbers

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"limit": "0"}, "limit"),
            ({"limit": "201"}, "limit"),
            ({"limit": "ten"}, "limit"),
            ({"cursor": "!"}, "cursor"),
            ({"cursor": "AAAA"}, "cursor"),
            ({"status": "lost"}, "status"),
            ({"placed_from": "yesterday"}, "placed_from"),
            ({"placed_from": "0765-05-08T22:37:36.328322+20:48"}, "placed_from"),
            ({"placed_before": "9999-12-31T23:59:59-23:59"}, "placed_before"),
            ({"numbr": "1"}, "numbr"),
            ({"customer_id": "x"}, "customer_id"),
            ({"number": "a\x00b"}, "number"),
        ],
    )
    def test_a_wrong_parameter_is_named(self, api, query, field):
        answer = api.get("/orders", **query)
        assert answer.status_code == 422
        assert list(answer.json()["errors"]) == [field]

    def test_queries_do_not_grow_with_the_page(self, api, django_assert_max_num_queries):
        self.send(api, 6)
        with django_assert_max_num_queries(8):
            assert len(api.get("/orders").json()["results"]) == 6
