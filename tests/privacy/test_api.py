"""Partners hand data out with customers:read, and erase with a scope of its own and an Idempotency-Key."""

import pytest

from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from orders.models import Customer
from tests.order_bodies import order_body

pytestmark = pytest.mark.django_db
REASON = {"reason": "requested"}


@pytest.fixture
def customer(api, merchant):
    api.post("/orders", order_body())
    with tenant_scope(merchant.pk):
        yield Customer.objects.get()


def path(customer, what):
    return f"/customers/{customer.pk}/{what}"


def test_what_is_held_is_handed_out_and_that_is_audited(make_api, customer):
    answer = make_api(scopes=["customers:read"]).get(path(customer, "export"))
    assert answer.status_code == 200
    sections = answer.json()["sections"]
    assert sections["customer"]["email"] == "Ada@Example.com"
    assert sections["orders"][0]["shipping_address"]["line1"] == "12 Mill Lane"
    assert AuditEntry.objects.get(action="customer.data_exported").object_id == str(customer.pk)


def test_erasing_needs_its_own_scope_a_key_and_a_reason(make_api, customer):
    readers = make_api(scopes=["customers:read", "customers:write", "orders:write"])
    refused = readers.post(path(customer, "erase"), REASON, Idempotency_Key="e1")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    eraser = make_api(scopes=["customers:erase"])
    assert eraser.post(path(customer, "erase"), REASON).status_code == 400
    assert eraser.post(path(customer, "erase"), {"reason": "Ada asked"}, Idempotency_Key="e2").status_code == 422
    assert eraser.get(path(customer, "export")).status_code == 403
    customer.refresh_from_db()
    assert customer.erased_at is None


def test_erasing_answers_the_same_when_it_is_repeated(make_api, customer):
    eraser = make_api(scopes=["customers:erase"])
    first = eraser.post(path(customer, "erase"), REASON, Idempotency_Key="e1")
    again = eraser.post(path(customer, "erase"), REASON, Idempotency_Key="e1")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["customer_id"] == str(customer.pk)
    assert first.json()["changed"]["customer"] == 1
    refused = eraser.post(path(customer, "erase"), REASON, Idempotency_Key="e2")
    assert (refused.status_code, refused.json()["code"]) == (409, "customer_erased")


def test_of_another_shop_there_is_nobody(other_api, customer):
    assert other_api.get(path(customer, "export")).status_code == 404
    assert other_api.post(path(customer, "erase"), REASON, Idempotency_Key="e1").status_code == 404
