"""Products and customers over the API."""

import pytest

from tests.order_bodies import product_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


class TestProducts:
    def test_a_product_comes_in_and_is_read_back(self, api):
        sent = api.post(
            "/products", product_body(type="Decoration", tags=["gift"], picture_url="https://cdn.example/h.png")
        )
        assert sent.status_code == 201, sent.content
        body = sent.json()
        assert body["variants"][0]["price"] == "2.55"
        assert body["variants"][0]["available_quantity"] == 10
        assert body["variants"][0]["cost"] is None
        assert api.get(f"/products/{body['id']}").json() == body

    def test_sending_it_again_updates_it(self, api):
        first = api.post("/products", product_body()).json()
        answer = api.post("/products", product_body(title="Big heart"))
        assert answer.status_code == 200
        assert answer.json()["id"] == first["id"]
        assert answer.json()["title"] == "Big heart"

    def test_a_variant_that_is_left_out_becomes_inactive(self, api):
        api.post("/products", product_body())
        variants = [{"external_id": "v2", "price": "3.00", "currency": "USD"}]
        body = api.post("/products", product_body(variants=variants)).json()
        assert {row["external_id"]: row["is_active"] for row in body["variants"]} == {"v1": False, "v2": True}

    def test_each_variant_has_the_decimals_of_its_own_currency(self, api):
        variants = [
            {"external_id": "v1", "price": "2.55", "currency": "USD"},
            {"external_id": "v2", "price": "255", "currency": "JPY"},
            {"external_id": "v3", "price": "255", "currency": "USD"},
        ]
        errors = api.post("/products", product_body(variants=variants)).json()["errors"]
        assert list(errors) == ["variants.2.price"]

    def test_complements_are_given_by_the_shops_ids(self, api):
        tray = api.post("/products", product_body(external_id="tray")).json()
        lamp = api.post("/products", product_body(external_id="lamp", complements=["tray", "unknown"])).json()
        assert lamp["complement_ids"] == [tray["id"]]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"variants": []}, "variants"),
            ({"status": "gone"}, "status"),
            ({"picture_url": "javascript:alert(1)"}, "picture_url"),
            ({"tags": "gift"}, "tags"),
            ({"tags": [1]}, "tags.0"),
            ({"price": "1.00"}, "price"),
        ],
    )
    def test_wrong_fields_are_named(self, api, changes, field):
        answer = api.post("/products", product_body(**changes))
        assert answer.status_code == 422
        assert list(answer.json()["errors"]) == [field]

    def test_filters(self, api):
        api.post("/products", product_body(external_id="a", status="archived"))
        api.post("/products", product_body(external_id="b"))
        assert [row["external_id"] for row in api.get("/products", status="active").json()["results"]] == ["b"]


class TestCustomers:
    def test_a_customer_comes_in_and_is_found_by_mail(self, api):
        sent = api.post("/customers", {"external_id": "c1", "email": "Ada@Example.com", "first_name": "Ada"})
        assert sent.status_code == 201, sent.content
        found = api.get("/customers", email="ada@example.COM").json()["results"]
        assert found == [sent.json()]
        assert api.get(f"/customers/{sent.json()['id']}").json() == sent.json()

    def test_blank_fields_never_wipe_what_is_known(self, api):
        api.post("/customers", {"external_id": "c1", "email": "a@example.com", "accepts_marketing": True})
        answer = api.post("/customers", {"external_id": "c1", "first_name": "Ada"})
        assert answer.status_code == 200
        assert answer.json()["email"] == "a@example.com"
        assert answer.json()["accepts_marketing"] is True
