"""Who may call: keys, scopes, suspended merchants."""

from datetime import timedelta

import pytest

from core import clock
from core.tenancy import tenant_scope
from merchants.models import ApiKey
from merchants.services.api_keys import api_key_revoke
from tests.api_client import ApiClient

pytestmark = pytest.mark.django_db


def assert_unauthenticated(answer):
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("key", [None, "", "sk_wrong", "sk_" + "é" * 40, "a b"])
def test_without_a_live_key_there_is_no_answer(db, key):
    assert_unauthenticated(ApiClient(key).get("/orders"))


@pytest.mark.parametrize("path", ["/orders", "/no-such-thing", "/orders/x"])
def test_an_outsider_cannot_tell_which_addresses_exist(client, path):
    assert_unauthenticated(client.get(f"/api/v1{path}"))


def test_other_schemes_are_refused(client, api):
    key = api.headers["Authorization"].removeprefix("Bearer ")
    assert_unauthenticated(client.get("/api/v1/orders", headers={"Authorization": f"Basic {key}"}))
    assert client.get("/api/v1/orders", headers={"Authorization": f"bearer  {key}"}).status_code == 200


def test_a_revoked_key_is_dead_at_once(api, merchant):
    assert api.get("/orders").status_code == 200
    with tenant_scope(merchant.pk):
        api_key_revoke(key=ApiKey.objects.get(), actor_type="user", actor_id=1)
    assert_unauthenticated(api.get("/orders"))


def test_a_suspended_merchant_is_told_so(api, merchant):
    merchant.is_suspended = True
    merchant.save()
    answer = api.get("/orders")
    assert answer.status_code == 403
    assert answer.json()["code"] == "merchant_suspended"


def test_a_missing_scope_is_named(make_api):
    api = make_api(scopes=["orders:read"])
    assert api.get("/orders").status_code == 200
    answer = api.post("/orders", {})
    assert answer.status_code == 403
    assert "orders:write" in answer.json()["detail"]


def test_a_publishable_key_reads_no_orders(make_api):
    answer = make_api(kind="publishable", scopes=["orders:read"]).get("/orders")
    assert answer.status_code == 403
    assert answer.json()["code"] == "secret_key_needed"


def test_last_use_is_kept_to_the_minute(api, merchant, at, django_assert_num_queries):
    def last_used():
        with tenant_scope(merchant.pk):
            return ApiKey.objects.get().last_used_at

    api.get("/orders")
    assert last_used() == at
    with clock.frozen(at + timedelta(seconds=30)):
        api.get("/orders")
    assert last_used() == at
    with clock.frozen(at + timedelta(seconds=61)):
        api.get("/orders")
    assert last_used() == at + timedelta(seconds=61)


def test_docs_and_schema_are_open(client):
    for path in ("/api/docs/", "/api/schema/"):
        assert client.get(path).status_code == 200
