"""A merchant is addressed by /m/<slug>/ or by its verified domain, and by nothing else."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import get_script_prefix

from core.clock import now
from core.tenancy import current_scope, tenant_scope
from merchants.models import MerchantDomain
from tests.factories import paid_order

pytestmark = pytest.mark.django_db

FIND = "find/"


@pytest.fixture
def domain(merchant):
    def make(host="orders.harrow.example", verified_at=None):
        with tenant_scope(merchant.pk):
            return MerchantDomain.objects.create(host=host, verified_at=verified_at)

    return make


@pytest.fixture
def kettle_order(other_merchant):
    with tenant_scope(other_merchant.pk):
        return paid_order(currency="GBP")


def test_the_prefix_opens_the_shop(client, merchant, other_merchant):
    assert "Harrow &amp; Pine" in client.get(f"/m/harrow/{FIND}").content.decode()
    assert "Kettle &amp; Fern" in client.get(f"/m/kettle/{FIND}").content.decode()


def test_links_of_a_page_stay_below_the_prefix(client, merchant):
    page = client.get(f"/m/harrow/{FIND}").content.decode()
    assert 'href="/m/harrow/theme-' in page
    assert client.get("/m/harrow/admin/")["Location"].startswith("/m/harrow/accounts/login/")


def test_nothing_of_a_request_is_left_behind(client, merchant):
    client.get(f"/m/harrow/{FIND}")
    assert current_scope() is None
    client.get("/healthz")
    assert get_script_prefix() == "/"


@pytest.mark.parametrize(
    "path",
    ["/m/nobody/", "/m/HARROW/find/", "/m//find/", "/m/har%00row/", "/m/" + "x" * 60 + "/", "/m/", "/m/%F0%9F%AB%96/"],
)
def test_an_unknown_slug_is_not_found(client, merchant, path):
    assert client.get(path).status_code == 404


def test_a_slug_without_slash_is_redirected_with_its_query(client, merchant):
    answer = client.get("/m/harrow?from=mail")
    assert (answer.status_code, answer["Location"]) == (301, "/m/harrow/?from=mail")
    assert client.get("/m/nobody").status_code == 404


def test_the_platforms_pages_are_not_below_a_prefix(client, merchant):
    for path in ("api/v1/orders", "api/docs/", "platform/", "readyz", "m/harrow/find/"):
        assert client.get(f"/m/harrow/{path}").status_code == 404, path


def test_a_verified_domain_opens_the_shop_at_its_root(merchant, domain):
    domain(verified_at=now())
    client = Client(headers={"host": "orders.harrow.example"})
    page = client.get(f"/{FIND}")
    assert "Harrow &amp; Pine" in page.content.decode()
    assert 'href="/theme-' in page.content.decode()
    assert client.get("/admin/")["Location"].startswith("/accounts/login/")
    assert client.get("/platform/").status_code == 404
    assert client.get("/api/v1/orders").status_code == 404


@pytest.mark.parametrize("host", ["ORDERS.harrow.example", "orders.harrow.example:8443"])
def test_neither_case_nor_port_of_the_host_matter(domain, host):
    domain(verified_at=now())
    assert Client(headers={"host": host}).get(f"/{FIND}").status_code == 200


def test_an_unverified_domain_opens_nothing(domain):
    domain()
    assert Client(headers={"host": "orders.harrow.example"}).get(f"/{FIND}").status_code == 404


def test_the_host_of_the_platform_cannot_be_taken(domain, settings):
    settings.PUBLIC_URL = "https://pro.example"
    domain(host="pro.example", verified_at=now())
    assert Client(headers={"host": "pro.example"}).get("/platform/").status_code == 302


def test_a_host_belongs_to_one_merchant(domain, other_merchant):
    domain()
    with tenant_scope(other_merchant.pk), pytest.raises(IntegrityError), transaction.atomic():
        MerchantDomain.objects.create(host="orders.harrow.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        domain(host="Shop.harrow.example")


def test_cookies_stay_below_the_prefix(merchant, other_merchant):
    client = Client()
    answer = client.get("/m/harrow/accounts/login/")
    assert {cookie["path"] for cookie in answer.cookies.values()} == {"/m/harrow/"}


def test_at_a_domain_cookies_hold_for_all_of_it(domain):
    domain(verified_at=now())
    answer = Client(headers={"host": "orders.harrow.example"}).get("/accounts/login/")
    assert {cookie["path"] for cookie in answer.cookies.values()} == {"/"}


def test_a_suspended_shop_serves_no_shopper(client, merchant):
    merchant.is_suspended = True
    merchant.save()
    answer = client.get(f"/m/harrow/{FIND}")
    assert answer.status_code == 503
    assert "Harrow" in answer.content.decode()


def test_an_order_opens_only_at_its_own_shop(client, merchant, kettle_order):
    assert client.get(f"/m/harrow/o/{kettle_order.pk}/").status_code == 404


def test_slugs_are_plain(merchant):
    merchant.slug = "harrow/pine"
    with pytest.raises(ValidationError):
        merchant.full_clean()
