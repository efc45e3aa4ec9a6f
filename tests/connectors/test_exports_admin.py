"""The Export button: what the list shows, for the roles that may take it away."""

import csv
import io

import pytest

from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from tests.factories import VariantFactory, paid_order

pytestmark = pytest.mark.django_db
PAGES = ("orders/order", "orders/customer", "orders/product")
PERSONAL = ("customer_email", "customer_external_id", "shipping_address_line1", "billing_address_name", "tenders")


def address(page, query=""):
    return f"/m/harrow/admin/{page}/do/export/{query}"


def rows(response):
    assert response.status_code == 200
    file = b"".join(response.streaming_content)
    assert file.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


@pytest.fixture
def shop(at, scope):
    paid_order(external_id="old", placed_at=at.replace(month=1))
    paid_order(external_id="new")
    VariantFactory(product__external_id="p1", product__title="Kiln tray")
    VariantFactory(product__external_id="p2", product__title="Lamp", product__status="archived")


@pytest.mark.parametrize("page", PAGES)
def test_the_button_stands_above_the_list_and_keeps_what_is_chosen(staff, shop, page):
    content = staff("owner").get(f"/m/harrow/admin/{page}/?q=x&p=1").content.decode()
    assert f'action="{address(page)}?q=x"' in content
    assert ">Export</button>" in content


def test_files_follow_filters_and_search(staff, shop):
    client = staff("owner")
    assert {row["external_id"] for row in rows(client.post(address("orders/order")))} == {"old", "new"}
    assert [row["external_id"] for row in rows(client.post(address("orders/order", "?placed=week")))] == ["new"]
    assert [row["external_id"] for row in rows(client.post(address("orders/order", "?q=hp-old")))] == ["old"]
    assert [row["external_id"] for row in rows(client.post(address("orders/product", "?status=active")))] == ["p1"]
    assert [row["external_id"] for row in rows(client.post(address("orders/product", "?q=lamp")))] == ["p2"]
    assert len(rows(client.post(address("orders/customer")))) == 2
    assert len(rows(client.post(address("orders/customer", "?q=nobody")))) == 0


@pytest.mark.parametrize("role", ["support", "analyst"])
def test_who_may_not_take_customers_gets_orders_without_them(staff, shop, role):
    client = staff(role)
    assert client.post(address("orders/customer")).status_code == 403
    found = rows(client.post(address("orders/order")))
    assert len(found) == 2
    assert not set(PERSONAL) & set(found[0])
    assert len(rows(client.post(address("orders/product")))) == 2


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_who_leads_gets_all(staff, shop, role):
    found = rows(staff(role).post(address("orders/order")))
    assert set(PERSONAL) <= set(found[0])
    assert found[0]["customer_email"]


def test_only_a_press_of_the_button_sends_a_file(staff, shop):
    client = staff("owner")
    assert client.get(address("orders/order")).status_code == 405
    assert client.post("/m/harrow/admin/orders/order/do/nothing/").status_code == 404
    assert client.post("/m/harrow/admin/merchants/auditentry/do/export/").status_code == 404
    client.handler.enforce_csrf_checks = True
    assert client.post(address("orders/order")).status_code == 403


def test_a_list_address_that_makes_no_sense_leads_back(staff, shop):
    response = staff("owner").post(address("orders/order", "?placed_at__gte=x"))
    assert response.status_code == 302
    assert response["Location"] == "/m/harrow/admin/orders/order/"


def test_the_audit_log_says_who_and_what(staff, shop, merchant):
    client = staff("owner")
    rows(client.post(address("orders/order", "?placed=week&q=hp")))
    with tenant_scope(merchant.pk):
        begun = AuditEntry.objects.get(action="orders.export_started")
        ended = AuditEntry.objects.get(action="orders.exported")
    assert begun.after == {"placed": "week", "search": "yes"}
    assert (ended.actor_type, ended.after) == ("user", {"orders": 1, "complete": True})
    assert "Orders exported" in client.get("/m/harrow/admin/merchants/auditentry/").content.decode()
