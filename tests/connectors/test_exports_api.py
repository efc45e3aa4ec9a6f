"""GET …/export: the lists as files, by the lists' scopes and filters."""

import csv
import io
from datetime import timedelta

import pytest

from core import clock
from core.api.schema import openapi
from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from tests.order_bodies import order_body, product_body

pytestmark = pytest.mark.django_db
PATHS = {"/orders/export": "orders:read", "/products/export": "catalogue:read", "/customers/export": "customers:read"}


def rows(response):
    assert response.status_code == 200, response.content
    file = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(file, newline="")))


@pytest.fixture
def shop(at, api):
    for external_id, day in (("1", "08"), ("2", "09")):
        times = {"placed_at": f"2026-03-{day}T10:00:00Z", "paid_at": f"2026-03-{day}T10:00:05Z"}
        source = "pos" if external_id == "2" else "custom"
        customer = {"external_id": f"c{external_id}", "email": f"c{external_id}@mail.example"}
        body = order_body(external_id=external_id, source=source, customer=customer, **times)
        assert api.post("/orders", body).status_code == 201
    assert api.post("/products", product_body()).status_code == 201
    return api


def test_files_by_path(shop):
    assert [row["external_id"] for row in rows(shop.get("/orders/export"))] == ["1", "2"]
    assert [row["external_id"] for row in rows(shop.get("/products/export"))] == ["p1"]
    assert {row["email"] for row in rows(shop.get("/customers/export"))} == {"c1@mail.example", "c2@mail.example"}


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/orders/export", {"placed_from": "2026-03-09T00:00:00Z"}, ["2"]),
        ("/orders/export", {"placed_before": "2026-03-09T00:00:00Z"}, ["1"]),
        ("/orders/export", {"source": "pos"}, ["2"]),
        ("/orders/export", {"status": "cancelled"}, []),
        ("/orders/export", {"updated_from": "2026-03-10T12:00:01Z"}, []),
        ("/products/export", {"updated_from": "2026-03-10T12:00:00Z"}, ["p1"]),
        ("/products/export", {"updated_from": "2026-03-10T12:00:01Z"}, []),
        ("/customers/export", {"email": "C2@mail.example"}, ["c2"]),
        ("/customers/export", {"updated_from": "2026-03-10T12:00:01Z"}, []),
    ],
)
def test_filters_are_those_of_the_lists(shop, path, query, found):
    assert [row["external_id"] for row in rows(shop.get(path, **query))] == found


def test_it_is_a_file_to_keep(shop):
    response = shop.get("/orders/export", bom="true")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="orders-2026-03-10.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    assert "RateLimit-Remaining" in response.headers
    assert b"".join(response.streaming_content).startswith(b"\xef\xbb\xbfsource,")


def test_what_changed_since_can_be_fetched_alone(shop, at):
    later = at + timedelta(hours=1)
    since = {"updated_from": later.isoformat().replace("+00:00", "Z")}
    known = {"source": "custom", "external_id": "c1", "email": "c1@mail.example"}
    changed = {"source": "pos", "external_id": "c2", "first_name": "Grace"}
    with clock.frozen(later):
        for customer in (known, changed):
            assert shop.post("/customers", customer).status_code == 200
        assert [row["external_id"] for row in rows(shop.get("/customers/export", **since))] == ["c2"]


@pytest.mark.parametrize("path", PATHS)
def test_a_client_may_ask_for_csv_and_for_nothing_else(shop, path):
    def ask(accept):
        return shop.client.get(f"/api/v1{path}", headers={**shop.headers, "Accept": accept})

    assert ask("text/csv").status_code == 200
    refused = ask("image/png")
    assert refused.status_code == 406
    assert refused.json()["code"] == "not_acceptable"
    bad = shop.client.get(f"/api/v1{path}?sourse=x", headers={**shop.headers, "Accept": "text/csv"})
    assert bad.status_code == 422
    assert bad.headers["Content-Type"] == "application/problem+json"
    assert bad.json()["errors"] == {"sourse": ["There is no such parameter here."]}


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/orders/export", {"placed_from": "yesterday"}, "placed_from"),
        ("/orders/export", {"status": "lost"}, "status"),
        ("/orders/export", {"bom": "perhaps"}, "bom"),
        ("/orders/export", {"limit": "10"}, "limit"),
        ("/products/export", {"updated_from": "-"}, "updated_from"),
    ],
)
def test_bad_parameters_are_named_before_a_byte_is_sent(shop, path, query, field):
    response = shop.get(path, **query)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]


@pytest.mark.parametrize("path", PATHS)
def test_the_scope_is_that_of_the_list(make_api, path):
    assert make_api(scopes=[PATHS[path]]).get(path).status_code == 200
    others = [scope for scope in PATHS.values() if scope != PATHS[path]]
    refused = make_api(scopes=others).get(path)
    assert refused.status_code == 403
    assert refused.json()["code"] == "scope_missing"


def test_the_rate_limit_counts_files(shop, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    refused = shop.get("/orders/export")
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


def test_the_audit_log_has_the_key_and_the_filters_without_persons(shop, merchant):
    rows(shop.get("/customers/export", email="c1@mail.example", source="custom"))
    with tenant_scope(merchant.pk):
        begun = AuditEntry.objects.get(action="customers.export_started")
        ended = AuditEntry.objects.get(action="customers.exported")
    assert begun.after == {"email": "(not kept)", "source": "custom"}
    assert (ended.actor_type, ended.after) == ("api_key", {"customers": 1, "complete": True})


@pytest.mark.parametrize("path", PATHS)
def test_the_description_says_what_comes(path):
    operation = openapi()["paths"][f"/api/v1{path}"]["get"]
    assert operation["responses"]["200"]["content"] == {"text/csv": {"schema": {"type": "string"}}}
    parameters = {parameter["name"] for parameter in operation["parameters"]}
    assert {"source", "bom"} <= parameters
    assert not {"limit", "cursor"} & parameters
