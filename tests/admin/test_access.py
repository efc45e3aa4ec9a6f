"""Who comes in: members by role, strangers not at all. The stock sign-in is off."""

from typing import Any

import pytest
from django.test import Client

from core.tenancy import tenant_scope
from merchants.models import Membership
from merchants.permissions import TABLE, may
from pro_platform.admin_site import MENU, merchant_site
from tests.admin.conftest import Staff
from tests.factories import UserFactory
from tests.tenancy.rows import one_of_everything

ROLES = ("owner", "manager", "support", "analyst")
LABELS = sorted({label for _, labels in MENU for label in labels})


def address(label, page=""):
    return f"/m/harrow/admin/{label.replace('.', '/').lower()}/{page}"


def test_signed_out_go_to_the_shops_own_sign_in(merchant):
    response = Client().get("/m/harrow/admin/orders/order/?window=open")
    assert response.status_code == 302
    assert response["Location"] == "/m/harrow/accounts/login/?next=/m/harrow/admin/orders/order/%3Fwindow%3Dopen"


@pytest.mark.parametrize("path", ["login/", "password_change/", "r/1/1/", "orders/"])
def test_stock_pages_are_off(staff: Staff, path):
    assert staff("owner").get(f"/m/harrow/admin/{path}").status_code == 404


def test_without_membership_there_is_nothing(merchant, other_merchant):
    stranger = UserFactory()
    with tenant_scope(other_merchant.pk):
        Membership.objects.create(user=stranger, role="owner")
    client = Client()
    client.force_login(stranger)
    assert client.get("/m/harrow/admin/").status_code == 404
    assert client.get("/m/kettle/admin/").status_code == 200


def test_a_switched_off_person_is_out(member, merchant):
    user = member("owner")
    client = Client()
    client.force_login(user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/m/harrow/admin/").status_code in (302, 404)


def test_the_table_names_every_page():
    assert set(LABELS) <= set(TABLE)
    assert {model._meta.label for model in merchant_site._registry} == set(LABELS)
    assert not may("owner", "orders.Order", "delete")
    assert not may(None, "orders.Order", "view")


@pytest.mark.parametrize("role", ROLES)
def test_pages_follow_the_table(staff: Staff, scope, role):
    rows = one_of_everything()
    client = staff(role)
    menu = client.get("/m/harrow/admin/").content.decode()
    for label in LABELS:
        allowed = may(role, label, "view")
        pk = scope.pk if label == "merchants.Merchant" else rows[label].pk
        assert client.get(address(label), follow=True).status_code == (200 if allowed else 403), label
        assert client.get(address(label, f"{pk}/change/")).status_code == (200 if allowed else 403), label
        assert (f'href="{address(label)}"' in menu) == allowed, label
        assert client.get(address(label, "add/")).status_code == (200 if may(role, label, "add") else 403), label


@pytest.mark.parametrize("role", ROLES)
def test_buttons_follow_the_table(staff: Staff, scope, role):
    order = one_of_everything()["orders.Order"]
    client = staff(role)
    page = client.get(address("orders.Order", f"{order.pk}/change/")).content.decode()
    for action, permission in (("close_window", "window"), ("extend_window", "window"), ("portal_link", "portal_link")):
        url = address("orders.Order", f"{order.pk}/do/{action}/")
        allowed = may(role, "orders.Order", permission)
        assert (url in page) == allowed
        if not allowed:
            assert client.post(url).status_code == 403
        assert client.get(url).status_code == (405 if allowed else 403)


def test_an_analyst_sees_no_personal_data(staff: Staff, scope):
    order = one_of_everything()["orders.Order"]
    client = staff("analyst")
    for page in (address("orders.Order"), address("orders.Order", f"{order.pk}/change/")):
        content = client.get(page).content.decode()
        assert order.number in content
        assert "Rosengren" not in content
        assert order.customer.email not in content
    found = client.get(address("orders.Order"), {"q": order.customer.email}).content.decode()
    assert f"/{order.pk}/change/" not in found


def test_menu_has_groups_by_job(staff: Staff):
    menu = staff("owner").get("/m/harrow/admin/").context["available_apps"]
    assert [group["name"] for group in menu] == ["Orders", "Gift cards", "Retention", "Numbers", "Shop"]


def test_signing_out_ends_it(staff: Staff):
    client = staff("owner")
    assert client.get("/m/harrow/admin/logout/").status_code == 405
    assert client.post("/m/harrow/admin/logout/")["Location"] == "/m/harrow/accounts/login/"
    assert client.get("/m/harrow/admin/").status_code == 302


def test_operators_have_a_site_of_their_own(db, merchant, staff: Staff):
    operator: Any = UserFactory(is_operator=True)
    client = Client()
    client.force_login(operator)
    assert "Harrow &amp; Pine" in client.get("/platform/merchants/merchant/").content.decode()
    assert client.get("/platform/").status_code == 200
    assert client.get(f"/platform/merchants/merchant/{merchant.pk}/change/").status_code == 200
    assert client.post(f"/platform/merchants/merchant/{merchant.pk}/change/", {"name": "x"}).status_code == 405
    assert client.get("/m/harrow/admin/").status_code == 404
    assert staff("owner").get("/platform/").status_code == 404
