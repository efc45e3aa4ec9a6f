"""A shop with many years of orders, beside another: no admin page asks much, and none reads what it does not show."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin.views.main import PAGE_VAR
from django.db import connection
from django.db.models import UUIDField
from django.test import Client

from core.tenancy import tenant_scope
from merchants.models import Membership, Merchant, User
from pro_platform.admin_site import merchant_site
from tests.admin.big_shop import BigShop, build, growing_tables
from tests.admin.plans import faults, recorded

pytestmark = pytest.mark.django_db

ORDERS = 100_000 if os.environ.get("PRO_TEST_FULL") else 20_000
MOST_QUERIES = 20
PAGES = {model._meta.label: page for model, page in merchant_site._registry.items()}
# What people type: found often, once, never; by part, with capitals, with signs that mean something to SQL.
SEARCHES = (
    "hp-1",
    "hp-11",
    "HP-12345",
    "#hp-12345",
    "1",
    "12345",
    "shopper",
    "shopper12345@mail.example",
    "Shopper1",
    "nobody@nowhere.example",
    "an",
    "a",
    "annor",
    "Anan Beranan",
    "beranan",
    "big-o12345",
    "SKU-123",
    "tray",
    "zzzz",
    "%",
    "_'\"\\",
    "x" * 300,
    "ß 商店",
)


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[BigShop]:
    """The shops live in a copy of the test database, which goes with them."""
    usual = connection.settings_dict["NAME"]
    name = f"{usual}_big"
    with django_db_blocker.unblock():
        connection.close()
        _recreate(name, usual)
        connection.settings_dict["NAME"] = name
        try:
            yield build(ORDERS)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
            _drop(name)


def _recreate(name: str, template: str) -> None:
    _drop(name)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def client(shop: BigShop) -> Client:
    with tenant_scope(shop.merchant.pk):
        owner = User.objects.get(pk=Membership.objects.filter(role="owner").get().user_id)
    browser = Client(raise_request_exception=True)
    browser.force_login(owner)
    return browser


def address(label: str, page: str = "") -> str:
    return f"/m/harrow/admin/{label.replace('.', '/').lower()}/{page}"


def list_addresses(client: Client, label: str) -> Iterator[str]:
    """First page, deep page, each filter value, each column up and down, each search."""
    yield address(label)
    response = client.get(address(label))
    if response.status_code == 302:  # settings: a page with one row has no list
        return
    changelist = response.context["cl"]
    last = changelist.paginator.num_pages
    yield from (f"{address(label)}?{PAGE_VAR}={page}" for page in {2, last // 2, last} if page > 1)
    for spec in changelist.filter_specs:
        for value, _ in spec.lookup_choices:
            narrowed = f"{address(label)}?{urlencode({spec.parameter_name: value})}"
            yield narrowed
            yield f"{narrowed}&q=hp-1"
            yield f"{narrowed}&{PAGE_VAR}=2"
    for number, name in enumerate(changelist.list_display):
        if changelist.get_ordering_field(name):
            yield f"{address(label)}?o={number}"
            yield f"{address(label)}?o=-{number}&{PAGE_VAR}={last}"
    if PAGES[label].search_fields:
        yield from (f"{address(label)}?{urlencode({'q': term})}" for term in SEARCHES)


def object_addresses(shop: BigShop, label: str) -> Iterator[str]:
    """The rows with the most beside them: the newest order with all its edits, the best customer; else any."""
    model = PAGES[label].model
    if model is Merchant:
        keys = {shop.merchant.pk}
    else:
        with tenant_scope(shop.merchant.pk):
            rows = model._default_manager.order_by("pk")
            named = [shop.key(1), shop.key(shop.orders)] if isinstance(model._meta.pk, UUIDField) else []
            keys = {*rows.filter(pk__in=named).values_list("pk", flat=True), rows.first().pk, rows.last().pk}
    for key in keys:
        yield address(label, f"{key}/change/")
        yield address(label, f"{key}/history/")


def verdict(client: Client, shop: BigShop, url: str) -> list[str]:
    with recorded() as statements:
        response = client.get(url, follow=True)
    found = [] if response.status_code == 200 else [f"answers {response.status_code}"]
    if len(statements) > MOST_QUERIES:
        found.append(f"asks {len(statements)} queries")
    with tenant_scope(shop.merchant.pk):
        for statement in statements:
            found += [f"{fault}: {statement.sql[:2000]}" for fault in faults(statement, growing_tables())]
    return [f"{url} {fault}" for fault in found]


def test_every_page(client: Client, shop: BigShop) -> None:
    """One test, so that of several processes one alone makes the shops."""
    addresses = ["/m/harrow/admin/"]
    for label in sorted(PAGES):
        addresses += [*list_addresses(client, label), *object_addresses(shop, label)]
    assert len(addresses) > 15 * len(PAGES)
    found = [fault for url in addresses for fault in verdict(client, shop, url)]
    assert not found, "\n".join(found)
