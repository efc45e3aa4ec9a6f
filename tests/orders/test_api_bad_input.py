"""Bad input: each has a clear error, and nothing is half done."""

import io
import json

import pytest
from django.test import RequestFactory

from core.models import OutboxEvent
from core.tenancy import tenant_scope
from orders.models import Customer, Order
from tests.order_bodies import line_body, order_body, product_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def nothing_written(merchant):
    yield
    with tenant_scope(merchant.pk):
        assert not Order.objects.exists()
        assert not Customer.objects.exists()
        assert not OutboxEvent.objects.exists()


@pytest.mark.usefixtures("nothing_written")
class TestFields:
    @pytest.mark.parametrize(
        ("changes", "errors"),
        [
            ({"colour": "red"}, {"colour": "Unknown field."}),
            ({"lines": [line_body(qty=1)]}, {"lines.0.qty": "Unknown field."}),
            ({"total": "20.2"}, {"total": 'USD amounts have exactly 2 decimals. Write it like "12.00".'}),
            ({"total": "20.255"}, {"total": 'USD amounts have exactly 2 decimals. Write it like "12.00".'}),
            ({"total": 20.25}, {"total": 'Send the amount as a string, like "12.50".'}),
            ({"total": "-20.25"}, {"total": "This cannot be negative."}),
            ({"lines": [line_body(unit_price="2.5")]}, {"lines.0.unit_price": "exactly 2 decimals"}),
            ({"currency": "JPY", "fx_rate": "0.006"}, {"total": "JPY amounts have no decimals"}),
            ({"lines": [line_body(quantity=-6)]}, {"lines.0.quantity": "greater than or equal to 1"}),
            ({"lines": [line_body(quantity=0)]}, {"lines.0.quantity": "greater than or equal to 1"}),
            ({"lines": [line_body(quantity="6")]}, {"lines.0.quantity": "Send a whole number."}),
            ({"lines": [line_body(quantity=True)]}, {"lines.0.quantity": "Send a whole number."}),
            ({"lines": [line_body(quantity=10**30)]}, {"lines.0.quantity": "less than or equal to 1000000"}),
            ({"lines": []}, {"lines": "at least 1"}),
            ({"lines": "none"}, {"lines": "list"}),
            ({"lines": [line_body(), line_body()]}, {"lines": "same external_id"}),
            ({"placed_at": "2026-03-10T13:00:00Z", "paid_at": None}, {"placed_at": "future"}),
            ({"paid_at": "2027-03-10T10:00:00Z"}, {"paid_at": "future"}),
            ({"paid_at": "2026-03-10T09:00:00Z"}, {"paid_at": "before the order was placed"}),
            ({"placed_at": "2026-03-10T10:00:00"}, {"placed_at": "offset"}),
            ({"placed_at": "0001-01-01T00:00:00+14:00"}, {"placed_at": ""}),
            ({"placed_at": "1200-01-01T00:00:00Z"}, {"placed_at": "before 1990"}),
            ({"placed_at": "yesterday"}, {"placed_at": "wrong format"}),
            ({"placed_at": None}, {"placed_at": "null"}),
            ({"placed_at": 5}, {"placed_at": ""}),
            ({"currency": "XXX"}, {"currency": "ISO 4217"}),
            ({"currency": ["USD"]}, {"currency": "string"}),
            ({"fx_rate": "0", "currency": "EUR"}, {"fx_rate": "above zero"}),
            ({"fx_rate": "1e5", "currency": "EUR"}, {"fx_rate": "decimal number"}),
            ({"version": 2**63}, {"version": "less than or equal"}),
            ({"version": -1}, {"version": "greater than or equal"}),
            ({"external_id": ""}, {"external_id": "blank"}),
            ({"external_id": "x" * 129}, {"external_id": "128"}),
            ({"customer": {"external_id": "c1", "email": "nobody"}}, {"customer.email": "valid email"}),
            ({"shipping_address": {"country": "Germany"}}, {"shipping_address.country": ""}),
            ({"landing_utm": {"utm_source": 1}}, {"landing_utm.utm_source": "string"}),
            ({"landing_utm": {f"utm_{n}": "" for n in range(51)}}, {"landing_utm": "At most 50 names"}),
            ({"landing_utm": {"u" * 101: ""}}, {"landing_utm": "at most 100 characters"}),
            ({"tenders": [{"kind": "cash", "amount": "1.00"}]}, {"tenders.0.kind": "not a valid choice"}),
            ({"tenders": [{"kind": "card", "amount": "1.00", "captured": "2.00"}]}, {"tenders.0.captured": "More is"}),
            ({"tax_inclusive": "yes"}, {"tax_inclusive": "true or false"}),
            ({"lines": [line_body(tax_rate="0.20001")]}, {"lines.0.tax_rate": "at most 4 decimals"}),
            ({"lines": [line_body(fulfilled_quantity=7)]}, {"lines.0.fulfilled_quantity": "More is fulfilled"}),
        ],
    )
    def test_each_wrong_field_is_named_with_what_to_do(self, api, changes, errors):
        answer = api.post("/orders", order_body(**changes))
        assert answer.status_code == 422, answer.content
        assert answer.headers["Content-Type"] == "application/problem+json"
        found = answer.json()["errors"]
        for field, words in errors.items():
            assert words in " ".join(found[field]), found

    def test_all_wrong_fields_are_named_at_once(self, api):
        body = order_body(colour="red", number="", lines=[line_body(quantity=0, colour="red")])
        errors = api.post("/orders", body).json()["errors"]
        assert set(errors) == {"colour", "number", "lines.0.quantity", "lines.0.colour"}

    def test_a_missing_field_is_named(self, api):
        body = order_body()
        del body["external_id"], body["total"]
        assert set(api.post("/orders", body).json()["errors"]) == {"external_id", "total"}

    def test_a_wrong_total_says_both_figures(self, api):
        answer = api.post("/orders", order_body(total="20.24"))
        assert answer.status_code == 422
        assert answer.json()["code"] == "total_mismatch"
        assert "20.24" in answer.json()["detail"]
        assert "20.25" in answer.json()["detail"]

    def test_sums_beyond_the_database_are_a_mismatch_not_a_crash(self, api):
        lines = [line_body(external_id=str(i), quantity=10**6, unit_price="9999999999.99") for i in range(20)]
        assert api.post("/orders", order_body(lines=lines)).json()["code"] == "total_mismatch"

    @pytest.mark.parametrize("body", [[], "text", 5, None, True, [order_body()]])
    def test_a_body_that_is_no_object(self, api, body):
        answer = api.send("/orders", json.dumps(body))
        assert answer.status_code == 422
        assert answer.json()["code"] == "invalid"


@pytest.mark.usefixtures("nothing_written")
class TestSyntax:
    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (b"{", "Expecting property name"),
            (b'{"total": NaN}', ""),
            (b'{"external_id": "\xff\xfe"}', "not UTF-8"),
            (b'{"external_id": "\\u0000"}', "cannot be stored"),
            (b'{"external_id": "\\ud800"}', "cannot be stored"),
            (b'{"landing_utm": {"a\\u0000": "b"}}', "cannot be stored"),
            (b"[" * 200_000, "nested too deeply"),
            (b'{"version": ' + b"9" * 5000 + b"}", ""),
        ],
    )
    def test_what_is_not_json_is_400(self, api, raw, reason):
        answer = api.send("/orders", raw)
        assert answer.status_code == 400, answer.content
        assert answer.json()["code"] == "malformed"
        assert reason in answer.json()["detail"]

    def test_an_empty_body_names_the_missing_fields(self, api):
        assert api.send("/orders", b"").status_code in (400, 422)

    @pytest.mark.parametrize("charset", ["utf-16", "latin-1", "nonsense"])
    def test_the_charset_cannot_be_chosen(self, api, charset):
        answer = api.send("/orders?x=1", b'{"a": 1}', content_type=f"application/json; charset={charset}")
        assert answer.status_code == 422

    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    def test_other_media_types_are_415(self, api, content_type):
        answer = api.send("/orders", b"{}", content_type=content_type)
        assert answer.status_code == 415
        assert answer.json()["code"] == "unsupported_media_type"


class TestSize:
    def test_ten_megabytes_are_refused_by_their_length(self, api):
        answer = api.send("/orders", b" " * 10_000_000)
        assert answer.status_code == 413
        assert answer.json()["code"] == "body_too_large"

    def test_they_are_refused_without_being_read(self, api, rf: RequestFactory):
        from django.core.handlers.wsgi import WSGIRequest

        from core.api.errors import BodyTooLarge
        from merchants.api_middleware import refuse_large_body

        class Unread(io.BytesIO):
            def read(self, *size):
                raise AssertionError("the body was read")

        environ = rf.post("/api/v1/orders").environ | {"CONTENT_LENGTH": "10000000", "wsgi.input": Unread()}
        with pytest.raises(BodyTooLarge):
            refuse_large_body(WSGIRequest(environ))

    def test_chunks_of_unknown_length_are_refused(self, rf: RequestFactory):
        from django.core.handlers.wsgi import WSGIRequest

        from core.api.errors import LengthRequired
        from merchants.api_middleware import refuse_large_body

        environ = rf.post("/api/v1/orders", headers={"Transfer-Encoding": "chunked"}).environ
        del environ["CONTENT_LENGTH"]
        with pytest.raises(LengthRequired):
            refuse_large_body(WSGIRequest(environ))

    def test_just_below_the_limit_is_read(self, api, settings):
        padding = " " * (settings.API_MAX_BODY_BYTES - 1000)
        assert (
            api.send("/orders", json.dumps(order_body()) + padding[: -len(json.dumps(order_body()))]).status_code == 201
        )


class TestOthersRows:
    def test_ids_of_another_merchant_are_404(self, api, other_api):
        order_id = api.post("/orders", order_body()).json()["id"]
        product_id = api.post("/products", product_body()).json()["id"]
        customer_id = api.post("/customers", {"external_id": "c9"}).json()["id"]
        for path in (f"/orders/{order_id}", f"/products/{product_id}", f"/customers/{customer_id}"):
            assert api.get(path).status_code == 200
            answer = other_api.get(path)
            assert answer.status_code == 404
            assert answer.json()["code"] in ("not_found", "order_not_found")
        assert other_api.post(f"/orders/{order_id}/cancel", Idempotency_Key="k").status_code == 404
        assert other_api.post(f"/orders/{order_id}/fulfilment", {"lines": []}).status_code == 404
        assert api.get(f"/orders/{order_id}").json()["status"] == "open"

    def test_lists_hold_ones_own_rows_only(self, api, other_api):
        api.post("/orders", order_body())
        api.post("/products", product_body())
        for path in ("/orders", "/products", "/customers"):
            assert len(api.get(path).json()["results"]) == 1
            assert other_api.get(path).json()["results"] == []

    def test_the_same_external_id_at_two_merchants_is_two_orders(self, api, other_api):
        first = api.post("/orders", order_body())
        second = other_api.post("/orders", order_body(currency="GBP"))
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json()["id"] != second.json()["id"]

    @pytest.mark.parametrize("order_id", ["0198f000-0000-7000-8000-000000000000", "x", "1", "..%2f"])
    def test_unknown_ids_are_404(self, api, order_id):
        answer = api.get(f"/orders/{order_id}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
