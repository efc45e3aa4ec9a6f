"""Signed links: what opens the door, and what finds it shut."""

from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from core.errors import NotFound
from core.ids import hash_token, uuid7
from core.tenancy import tenant_scope
from merchants.models import MerchantDomain
from portal.models import PortalLink
from portal.services.links import LIFETIME, portal_link_create, portal_link_resolve, portal_links_revoke
from tests.factories import paid_order

NEUTRAL = "This link is no longer valid"


def test_only_the_hash_is_kept(scope):
    new = portal_link_create(order_id=paid_order().pk)
    assert new.link.token_hash == hash_token(new.token)
    assert len(new.token) >= 43  # 256 bits
    assert new.url.endswith(f"/m/harrow/l/{new.token}/")


def test_a_shop_with_a_domain_of_its_own_gives_links_there(scope):
    MerchantDomain.objects.create(host="orders.harrow.example", verified_at=clock.now())
    assert portal_link_create(order_id=paid_order().pk).url.startswith("https://orders.harrow.example/l/")


def test_there_is_no_link_to_another_shops_order(scope, in_other_shop):
    with pytest.raises(NotFound):
        portal_link_create(order_id=in_other_shop().pk)


def test_links_end_after_21_days_or_when_revoked(scope):
    order = paid_order()
    token = portal_link_create(order_id=order.pk).token
    with clock.frozen(clock.now() + LIFETIME - timedelta(minutes=1)):
        assert portal_link_resolve(token=token)
    with clock.frozen(clock.now() + LIFETIME):
        assert portal_link_resolve(token=token) is None
    assert portal_links_revoke(order_id=order.pk) == 1
    assert portal_link_resolve(token=token) is None


def test_the_link_becomes_a_cookie_and_leaves_the_address(shopper):
    visitor = shopper()
    response = visitor.client.get(visitor.link)
    cookie = response.cookies["pro_order"]
    assert response["Location"] == visitor.here
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", visitor.here)
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"


def test_scanners_do_not_use_the_link_up(shopper):
    visitor = shopper()
    scanner = Client()
    for _ in range(5):
        assert scanner.head(visitor.link).status_code == 302
        assert scanner.get(visitor.link).status_code == 302
    assert Client().post(visitor.link).status_code == 405
    assert visitor.open().status_code == 200


def test_forged_expired_and_revoked_look_the_same(shopper):
    visitor = shopper()
    forged = Client().get("/m/harrow/l/" + "x" * 43 + "/")
    PortalLink.objects.update(expires_at=clock.now())
    expired = Client().get(visitor.link)
    PortalLink.objects.update(expires_at=clock.now() + LIFETIME, revoked_at=clock.now())
    revoked = Client().get(visitor.link)
    assert {r.status_code for r in (forged, expired, revoked)} == {404}
    assert forged.content == expired.content == revoked.content
    assert NEUTRAL in forged.content.decode()
    assert not forged.cookies


def test_a_revoked_link_shuts_the_page_that_is_open(shopper):
    visitor = shopper()
    portal_links_revoke(order_id=visitor.order.pk)
    assert visitor.open().status_code == 404


def test_one_orders_key_does_not_open_another(shopper):
    mine, theirs = shopper(), shopper()
    token = mine.link.rstrip("/").rpartition("/")[2]
    intruder = Client()
    intruder.cookies["pro_order"] = token
    unknown = intruder.get(f"/m/harrow/o/{uuid7()}/")
    foreign = intruder.get(theirs.here)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content


def test_another_shops_address_does_not_know_the_link(shopper, in_other_shop):
    visitor = shopper()
    token = visitor.link.rstrip("/").rpartition("/")[2]
    there = in_other_shop()
    intruder = Client()
    intruder.cookies["pro_order"] = token
    assert intruder.get(f"/m/kettle/l/{token}/").status_code == 404
    assert intruder.get(f"/m/kettle/o/{visitor.order.pk}/").status_code == 404
    assert intruder.get(f"/m/kettle/o/{there.pk}/").status_code == 404
    with tenant_scope(there.merchant_id):
        assert portal_link_resolve(token=token) is None
