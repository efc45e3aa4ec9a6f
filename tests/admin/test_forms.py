"""Settings, team, keys and catalogue: saved and audited, or refused with the reason beside the field."""

import pytest

from merchants.models import ApiKey, AuditEntry, Membership, Merchant
from tests.admin.conftest import Staff
from tests.api_client import ApiClient
from tests.factories import ProductFactory, VariantFactory

SETTINGS = {
    "name": "Harrow & Pine",
    "support_email": "help@harrow.example",
    "address_line": "18 Kiln Lane",
    "locale": "en-US",
    "window_minutes": "240",
    "window_cut_offs": "15:00, 9:30",
    "blackout_weekdays": ["5", "6"],
    "brand_colour": "#0a7c66",
    "link_charge_limit_minor": "150.50",
}


def settings_url(merchant):
    return f"/m/harrow/admin/merchants/merchant/{merchant.pk}/change/"


def test_settings_are_saved_and_audited(staff: Staff, scope):
    client = staff("manager")
    response = client.post(settings_url(scope), SETTINGS, follow=True)
    assert "Your changes are saved" in response.content.decode()
    merchant = Merchant.objects.get(pk=scope.pk)
    assert merchant.window_minutes == 240
    assert merchant.window_cut_offs == ["09:30", "15:00"]
    assert merchant.blackout_weekdays == [5, 6]
    assert merchant.link_charge_limit_minor == 15050
    entry = AuditEntry.objects.get(action="merchant.changed")
    assert entry.before["window_minutes"] == 180
    assert entry.after["window_minutes"] == 240
    assert entry.after["link_charge_limit_minor"] == 15050
    assert "help@harrow.example" not in str(entry.after), "no personal data in the log"
    history = client.get(f"/m/harrow/admin/merchants/merchant/{scope.pk}/history/").content.decode()
    assert "window minutes" in history
    assert "Ines Manager" in history


def test_saving_nothing_new_is_not_a_change(staff: Staff, scope):
    client = staff("owner")
    client.post(settings_url(scope), SETTINGS)
    client.post(settings_url(scope), SETTINGS)
    assert AuditEntry.objects.filter(action="merchant.changed").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("window_minutes", "30", "greater than or equal to 60"),
        ("window_minutes", "2000", "less than or equal to 1440"),
        ("window_cut_offs", "25:00", "Enter times as HH:MM"),
        ("window_cut_offs", "soon", "Enter times as HH:MM"),
        ("blackout_weekdays", ["0", "1", "2", "3", "4", "5", "6"], "Leave at least one weekday"),
        ("blackout_weekdays", ["9"], "not one of the available choices"),
        ("brand_colour", "green", "Give a colour as #rrggbb"),
        ("link_charge_limit_minor", "12.345", "Enter an amount in USD"),
        ("link_charge_limit_minor", "-5.00", "Enter an amount"),
        ("link_charge_limit_minor", "", "This field is required"),
        ("locale", "xx-nonsense-", "Use a language tag"),
        ("name", "", "This field is required"),
    ],
)
def test_settings_in_error(staff: Staff, scope, field, value, reason):
    response = staff("owner").post(settings_url(scope), {**SETTINGS, field: value})
    content = response.content.decode()
    assert response.status_code == 200
    assert reason in content
    assert "<title>Error:" in content
    assert "Nothing was saved" in content
    assert Merchant.objects.get(pk=scope.pk).window_minutes == 180
    assert not AuditEntry.objects.filter(action="merchant.changed").exists()


def test_settings_of_a_shop_in_yen_have_no_decimals(staff: Staff, scope):
    Merchant.objects.filter(pk=scope.pk).update(currency="JPY", link_charge_limit_minor=10_000)
    client = staff("owner")
    assert 'value="10000"' in client.get(settings_url(scope)).content.decode()
    client.post(settings_url(scope), {**SETTINGS, "link_charge_limit_minor": "12000"})
    assert Merchant.objects.get(pk=scope.pk).link_charge_limit_minor == 12_000


def test_an_analyst_reads_settings(staff: Staff, scope):
    client = staff("analyst")
    assert 'type="submit" value="Save"' not in client.get(settings_url(scope)).content.decode()
    assert client.post(settings_url(scope), SETTINGS).status_code == 403


def test_a_key_is_shown_once_works_and_is_revoked(staff: Staff, scope):
    client = staff("owner")
    url = "/m/harrow/admin/merchants/apikey/"
    response = client.post(f"{url}add/", {"name": "Warehouse", "kind": "secret", "scopes": ["orders:read"]})
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    key = ApiKey.objects.get()
    assert secret not in client.get(f"{url}{key.pk}/change/").content.decode()
    api = ApiClient(secret)
    assert api.get("/orders").status_code == 200
    assert api.get("/products").status_code == 403
    client.post(f"{url}{key.pk}/do/revoke/")
    assert api.get("/orders").status_code == 401
    actions = list(AuditEntry.objects.order_by("at").values_list("action", flat=True))
    assert actions == ["api_key.issued", "api_key.revoked"]
    assert secret not in str(list(AuditEntry.objects.values_list("after", flat=True)))


def test_a_key_without_scopes_is_refused(staff: Staff, scope):
    response = staff("owner").post("/m/harrow/admin/merchants/apikey/add/", {"name": "x", "kind": "secret"})
    assert "This field is required" in response.content.decode()
    assert not ApiKey.objects.exists()


def test_only_owners_issue_keys(staff: Staff, scope):
    form = {"name": "x", "kind": "secret", "scopes": ["orders:read"]}
    assert staff("manager").post("/m/harrow/admin/merchants/apikey/add/", form).status_code == 403


TEAM = "/m/harrow/admin/merchants/membership/"


def test_a_person_joins_changes_role_and_leaves(staff: Staff, scope):
    client = staff("owner")
    client.post(f"{TEAM}add/", {"email": "New@Shop.example", "name": "New Person", "role": "support"})
    membership = Membership.objects.get(user__email="new@shop.example")
    assert membership.role == "support"
    client.post(f"{TEAM}{membership.pk}/change/", {"role": "manager"})
    membership.refresh_from_db()
    assert membership.role == "manager"
    client.post(f"{TEAM}{membership.pk}/do/remove/")
    assert not Membership.objects.filter(pk=membership.pk).exists()
    actions = list(AuditEntry.objects.order_by("at").values_list("action", flat=True))
    assert actions == ["membership.added", "membership.changed", "membership.removed"]
    assert "new@shop.example" not in str(list(AuditEntry.objects.values("before", "after")))


def test_the_last_owner_stays(staff: Staff, scope):
    client = staff("owner")
    owner = Membership.objects.get(role="owner")
    response = client.post(f"{TEAM}{owner.pk}/change/", {"role": "analyst"})
    assert "A shop keeps at least one owner" in response.content.decode()
    response = client.post(f"{TEAM}{owner.pk}/do/remove/", follow=True)
    assert "A shop keeps at least one owner" in response.content.decode()
    assert Membership.objects.get(pk=owner.pk).role == "owner"


def test_nobody_joins_twice(staff: Staff, scope):
    client = staff("owner")
    response = client.post(f"{TEAM}add/", {"email": "owner@harrow.example", "role": "analyst"})
    assert "on the team already" in response.content.decode()
    assert Membership.objects.get().role == "owner"


@pytest.fixture
def variant(scope):
    return VariantFactory(product=ProductFactory(title="Kiln tray"), price_minor=2400, stock_quantity=5)


def product_form(variant, **changes):
    return {
        "title": "Kiln tray",
        "type": "Tableware",
        "collections": "Table, Kitchen",
        "tags": "",
        "status": "active",
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "1",
        "variants-0-id": str(variant.pk),
        "variants-0-product": str(variant.product_id),
        "variants-0-title": "Oat",
        "variants-0-sku": variant.sku,
        "variants-0-price_minor": "24.00",
        "variants-0-cost_minor": "",
        "variants-0-stock_quantity": "5",
        "variants-0-is_active": "on",
        **changes,
    }


def test_a_product_and_its_price_are_changed(staff: Staff, variant):
    client = staff("manager")
    url = f"/m/harrow/admin/orders/product/{variant.product_id}/change/"
    assert 'value="24.00"' in client.get(url).content.decode()
    response = client.post(
        url, product_form(variant, **{"title": "Kiln tray, large", "variants-0-price_minor": "26.50"})
    )
    assert response.status_code == 302
    variant.refresh_from_db()
    assert variant.price_minor == 2650
    assert variant.product.collections == ["Table", "Kitchen"]
    entry = AuditEntry.objects.get(action="variant.changed")
    assert (entry.before, entry.after) == ({"price_minor": 2400}, {"price_minor": 2650})


def test_a_wrong_price_is_refused(staff: Staff, variant):
    url = f"/m/harrow/admin/orders/product/{variant.product_id}/change/"
    response = staff("owner").post(url, product_form(variant, **{"variants-0-price_minor": "26.505"}))
    assert "Enter an amount in USD" in response.content.decode()
    variant.refresh_from_db()
    assert variant.price_minor == 2400
