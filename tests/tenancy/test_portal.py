"""A link of one shop opens nothing at another's address, and an order's page needs its own link."""

import uuid

from django.test import Client

from core.outbox import dispatch_due
from core.tenancy import tenant_scope
from messaging.models import Message
from portal.services.links import portal_link_create
from tests.tenancy.conftest import Shop
from tests.tenancy.enumeration import merchant_routes, platform_routes

# Pages that show nothing of an order.
OPEN_PAGES = {"portal:theme", "portal:find"}
LINKS = {"portal:open-link"}
# Not of the portal: the health page, the webhook, whose signature is checked per shop, and (with developer tools) the
# page that benchmarks compare with, which reads rows of the open scope only.
OTHER = {"stripe-webhook", "", "baseline"}


def _orders_pages() -> dict[str, str]:
    return {name: pattern for name, pattern in merchant_routes().items() if "<uuid:order_id>" in pattern}


def _sign_in_pages(name: str) -> bool:
    return name.startswith(("account_", "mfa_"))


def test_every_address_of_a_shop_is_covered() -> None:
    names = {name for name in merchant_routes() if not name.startswith("admin:") and not _sign_in_pages(name)}
    covered = OPEN_PAGES | LINKS | OTHER | set(_orders_pages())
    assert names <= covered, f"cover these in the isolation test: {names - covered}"


def test_every_address_of_the_platform_is_covered() -> None:
    """Nothing of one shop is served outside of its address, but for operators and the API."""
    names = {
        name
        for name, pattern in platform_routes().items()
        if not pattern.startswith(("api/", "platform/")) and not _sign_in_pages(name)
    }
    assert names <= {"platform-index", "healthz", "readyz", "metrics"}, "cover new addresses in the isolation test"


def _shopper(shop: Shop) -> tuple[Client, str]:
    with tenant_scope(shop.merchant.pk):
        token = portal_link_create(order_id=shop.rows["orders.Order"].pk).token
    client = Client()
    assert client.get(f"{shop.base}/l/{token}/").status_code == 302
    return client, token


def test_a_shopper_of_another_shop_sees_nothing(ours: Shop, theirs: Shop, untouched: None) -> None:
    client, _ = _shopper(theirs)
    change = ours.rows["editing.EditSession"].pk
    for pattern in _orders_pages().values():
        path = pattern.replace("<uuid:order_id>", str(ours.rows["orders.Order"].pk))
        path = path.replace("<uuid:change_id>", str(change))
        for shop in (ours, theirs):
            assert client.get(f"{shop.base}/{path}").status_code in (404, 405), path
            assert client.post(f"{shop.base}/{path}", {"quantity": 1}).status_code in (404, 405), path


def test_our_link_does_not_open_at_their_address(ours: Shop, theirs: Shop) -> None:
    client, token = _shopper(ours)
    assert Client().get(f"{theirs.base}/l/{token}/").status_code == 404
    order = ours.rows["orders.Order"].pk
    assert client.get(f"{theirs.base}/o/{order}/").status_code == 404
    assert client.get(f"{ours.base}/o/{order}/").status_code == 200


def test_finding_an_order_looks_in_the_own_shop_only(ours: Shop, theirs: Shop) -> None:
    order, customer = ours.rows["orders.Order"], ours.rows["orders.Customer"]
    with tenant_scope(theirs.merchant.pk):
        type(theirs.rows["orders.Order"]).objects.update(number="none", number_normalised="none")
        before = set(Message.objects.values_list("pk", flat=True))
    Client().post(f"{theirs.base}/find/", {"email": customer.email, "number": order.number})
    dispatch_due()
    with tenant_scope(theirs.merchant.pk):
        written = Message.objects.exclude(pk__in=before)
        assert not written.filter(text__contains=f"{ours.base}/").exists()
        assert not written.filter(to_email=customer.email).exists()


def test_an_unknown_order_looks_the_same(theirs: Shop) -> None:
    client, _ = _shopper(theirs)
    assert client.get(f"{theirs.base}/o/{uuid.uuid4()}/").status_code == 404
