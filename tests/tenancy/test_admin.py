"""No admin page shows or changes another shop's rows: 404, never 403, whatever the address or the form says."""

from typing import Any

from django.urls import clear_script_prefix, reverse

from core.admin import registry
from merchants.models import Merchant
from pro_platform.admin_site import merchant_site
from tests.tenancy.conftest import Shop
from tests.tenancy.enumeration import merchant_routes

PAGES = {model._meta.label: model_admin for model, model_admin in merchant_site._registry.items()}
# Pages of the site itself. They show what the reader's own membership opens.
SITE_PAGES = {"index", "logout", "jsi18n", "autocomplete"}
OBJECT_PAGES = {"change", "history", "do"}


def test_every_admin_address_is_covered() -> None:
    names = {name.removeprefix("admin:") for name in merchant_routes() if name.startswith("admin:")}
    covered = SITE_PAGES | {
        model_admin._url_name(page)
        for model_admin in PAGES.values()
        for page in (*OBJECT_PAGES, "changelist", "list_do", "add")
    }
    assert names - {""} <= covered, f"cover these in the isolation test: {names - covered}"


def test_staff_of_another_shop_get_404_everywhere(ours: Shop, theirs: Shop, untouched: None) -> None:
    for name, pattern in merchant_routes().items():
        if not name.startswith("admin:"):
            continue
        address = f"{ours.base}/{_filled(pattern, ours)}"
        assert theirs.staff.get(address).status_code == 404, address
        assert theirs.staff.post(address, {"merchant": theirs.merchant.pk}).status_code in (404, 405), address


def _filled(pattern: str, shop: Shop) -> str:
    label = next((label for label in PAGES if f"/{label.replace('.', '/').lower()}/" in f"/{pattern}"), None)
    pk = _pk(label, shop) if label else ""
    return (
        pattern.replace("<path:object_id>", str(pk)).replace("<slug:name>", "replay").replace("(?P<url>.*)$", "nothing")
    )


def _pk(label: str, shop: Shop) -> object:
    return shop.merchant.pk if label == "merchants.Merchant" else shop.rows[label].pk


def test_lists_hold_own_rows_only(ours: Shop, theirs: Shop) -> None:
    for label, model_admin in PAGES.items():
        address = theirs.base + _path(model_admin._url_name("changelist"))
        page = theirs.staff.get(address, follow=True).content.decode()
        assert f"/{_pk(label, theirs)}/change/" in page or label == "merchants.Merchant"
        assert f"/{_pk(label, ours)}/change/" not in page, label


def test_objects_of_another_shop_are_not_there(ours: Shop, theirs: Shop, untouched: None) -> None:
    """Their own address, our object."""
    form = {"merchant": theirs.merchant.pk, "name": "Stolen", "role": "owner", "title": "Stolen", "_save": "1"}
    for label, model_admin in PAGES.items():
        pk = _pk(label, ours)
        for page in sorted(OBJECT_PAGES):
            arguments = [pk, "replay"] if page == "do" else [pk]
            address = theirs.base + _path(model_admin._url_name(page), *arguments)
            assert theirs.staff.get(address).status_code == 404, address
            assert theirs.staff.post(address, form).status_code == 404, address


def test_bulk_actions_do_not_reach_over(ours: Shop, theirs: Shop, untouched: None) -> None:
    tried = 0
    for label, model_admin in PAGES.items():
        address = theirs.base + _path(model_admin._url_name("changelist"))
        for action in registry.actions_of(label):
            if action.list_label:
                form = {"action": action.name, "_selected_action": [str(_pk(label, ours))], "index": "0"}
                theirs.staff.post(address, {**form, "select_across": "0"})
                theirs.staff.post(address, {**form, "select_across": "1"})
                tried += 1
    assert tried


def test_autocomplete_finds_own_rows_only(ours: Shop, theirs: Shop) -> None:
    """Every foreign key to a searchable page, asked for what only our shop has."""
    address = theirs.base + _path("autocomplete")
    asked = 0
    for model in merchant_site._registry:
        for field in model._meta.fields:
            if not field.is_relation or field.related_model not in merchant_site._registry:
                continue
            query: dict[str, Any] = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field.name,
            }
            response = theirs.staff.get(address, query)
            asked += response.status_code == 200
            assert response.status_code in (200, 403, 404)
            assert not any(pk in response.content.decode() for pk in ours.ids())
    assert asked


def test_forms_have_no_tenant_column(ours: Shop) -> None:
    for label, model_admin in PAGES.items():
        for page in ("add", "change"):
            arguments = [_pk(label, ours)] if page == "change" else []
            content = ours.staff.get(ours.base + _path(model_admin._url_name(page), *arguments)).content.decode()
            assert 'name="merchant"' not in content


def test_a_tenant_sent_along_is_ignored(ours: Shop, theirs: Shop, untouched: None) -> None:
    address = theirs.base + _path("orders_product_change", theirs.rows["orders.Product"].pk)
    form = {
        "title": "Changed",
        "status": "active",
        "merchant": ours.merchant.pk,
        "variants-TOTAL_FORMS": 0,
        "variants-INITIAL_FORMS": 0,
    }
    assert theirs.staff.post(address, form).status_code == 302
    product = theirs.rows["orders.Product"]
    assert product.merchant_id == theirs.merchant.pk
    assert Merchant.objects.count() == 2


def _path(name: str, *args: object) -> str:
    clear_script_prefix()  # the last request's merchant would stand in front
    return reverse(f"admin:{name}", urlconf="pro_platform.urls_merchant", args=args)
