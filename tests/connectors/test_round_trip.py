"""A shop carried out as three files and into a fresh one is the same shop, column by column.

Rows are compared by what stands in them: references by what they refer to, never by our ids. A column that is added to
a table of orders is compared at once; what cannot be carried is named here, with its reason.
"""

import csv
import hashlib
import io
import os
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db.models import ForeignKey, Model
from hypothesis import HealthCheck, Phase, given, settings

from connectors.exports.customers import CustomerExport
from connectors.exports.orders import OrderExport
from connectors.exports.products import ProductExport
from connectors.exports.stream import export_start
from connectors.imports.profile import Profile
from connectors.models import ImportNote, ImportRun
from connectors.services.drive import run_drive
from connectors.services.profiles import profile_named
from connectors.services.runs import run_create_from_path
from core.errors import DomainError
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from merchants.models import Merchant
from messaging.models import Suppression
from messaging.services.suppression import suppressions_add
from orders.models import Address, Customer, EditWindow, Order, OrderRefund, Product, Variant
from orders.services.additions import Addition, order_apply_additions
from orders.services.catalogue import products_upsert
from orders.services.customers import customers_upsert
from orders.services.ingest import orders_upsert
from orders.services.lifecycle import order_cancel
from orders.services.revisions import SYSTEM
from tests.connectors.shops import Shop, shops
from tests.factories import MerchantFactory, ProductFactory, VariantFactory, paid_order

pytestmark = pytest.mark.django_db
EXAMPLES = 150 if os.environ.get("PRO_TEST_FULL") else 12

# What happens between a live shop and us has no meaning elsewhere: revisions and windows are of this platform's own
# doing, and stock held for an edit belongs to that edit.
NOT_CARRIED = {"OrderRevision", "EditWindow", "WindowAdmission", "StockReservation"}
OURS = {"id", "merchant", "updated_at"}
LEFT_OUT = {
    "Customer": {"erased_at"},  # who was erased is not exported
    "Product": {"created_at"},
    "Variant": {"reserved_quantity"},  # held for edits that are under way
    "Order": {"created_at", "version", "is_backfill"},  # comes in as history, which triggers nothing
    "OrderRefund": {"created_at"},
}


def image(model: type[Model]) -> Counter[str]:
    return Counter(repr(_values(row)) for row in model._default_manager.all())


def _values(row: Model) -> list[tuple[str, Any]]:
    left_out = OURS | LEFT_OUT.get(type(row).__name__, set())
    fields = [field for field in row._meta.concrete_fields if field.name not in left_out]
    return [(field.name, _value(row, field)) for field in fields]


def _value(row: Model, field: Any) -> Any:
    if isinstance(field, ForeignKey):
        target = getattr(row, field.name)
        return target and _name(target)
    value = getattr(row, field.attname)
    if isinstance(row, OrderRefund) and field.name == "lines":
        names = {str(line.pk): line.external_id for line in row.order.lines.all()}
        return [{**part, "line_id": names[part["line_id"]]} for part in value]
    return value


def _name(row: Model) -> Any:
    match row:
        case Order() | Customer() | Product():
            return (row.source, row.external_id)
        case Variant():
            return (_name(row.product), row.external_id)
        case Address():
            return _values(row)
    raise AssertionError(row)


def images() -> dict[str, Counter[str]]:
    models = [model for model in apps.get_app_config("orders").get_models() if model.__name__ not in NOT_CARRIED]
    return {model.__name__: image(model) for model in models} | {
        "Suppression": Counter(Suppression.objects.values_list("address_hash", "reason"))
    }


def build(shop: Shop) -> None:
    # Twice, so that complements find products that come later.
    for _ in range(2):
        check(products_upsert(items=shop.products))
    for source, customers in shop.customers.items():
        check(customers_upsert(source=source, items=customers))
    suppressions_add(channel="email", reasons=shop.suppressed)
    check(orders_upsert(items=shop.orders))


def check(results: list[Any]) -> None:
    for result in results:
        if isinstance(result, DomainError):
            raise result


def files() -> dict[str, bytes]:
    exports = (
        ProductExport(Product.objects.all()),
        CustomerExport(Customer.objects.all()),
        OrderExport(Order.objects.all()),
    )
    return {each.kind: b"".join(export_start(each, actor=SYSTEM, asked={}, bom=True)) for each in exports}


def take_in(kind: str, file: bytes) -> ImportRun:
    profile = profile_named(kind=kind, name=f"pro_{kind}")
    run = run_create_from_path(
        profile=profile,
        settings=Profile.parse(profile.settings),
        name=f"{kind}.csv",
        sha256=hashlib.sha256(file).hexdigest(),
        size=len(file),
    )
    return run_drive(run, open_file=lambda: io.BytesIO(file))


def carry(source: Merchant, target: Merchant) -> None:
    """Out of one shop and into the other; both are the same afterwards, and so are their files."""
    with tenant_scope(source.pk):
        # A file without rows is refused; there is nothing to carry either.
        made, before = {kind: file for kind, file in files().items() if len(_rows(file)) > 1}, images()
    with tenant_scope(target.pk):
        for kind, file in made.items():
            run = take_in(kind, file)
            assert list(ImportNote.objects.filter(run=run).values_list("line", "column", "message")) == []
            assert run.state == ImportRun.State.DONE, run.error
        after = images()
        again = files()
    for name, rows in before.items():
        assert rows - after[name] == Counter(), f"{name}: lost"
        assert after[name] - rows == Counter(), f"{name}: made up"
    for kind, file in made.items():
        # Customers stand in the order in which they came.
        assert sorted(_rows(file)) == sorted(_rows(again[kind])), kind


def _rows(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def test_a_live_order_that_was_added_to_and_one_that_was_cancelled(at: datetime, scope: Merchant) -> None:
    """They arrive as history: no window opens, nothing is mailed, and what they were at checkout is still known."""
    edited, cancelled = paid_order(), paid_order()
    tray = VariantFactory(stock_quantity=5)
    order_apply_additions(
        order_id=edited.pk, edit_id=uuid4(), additions=[Addition(tray.pk, 2, 2400, 100, 50, 0)], actor=SYSTEM
    )
    order_cancel(order_id=cancelled.pk, actor=SYSTEM)
    target: Any = MerchantFactory(currency=scope.currency)
    carry(scope, target)
    with tenant_scope(target.pk):
        assert not Order.objects.filter(is_backfill=False).exists()
        assert not EditWindow.objects.exists()
        assert Order.objects.get(external_id=edited.external_id).checkout_total_minor == 5000
        assert not OutboxEvent.objects.exclude(name="orders.backfilled").exists()


def test_products_find_those_that_come_far_behind_them(scope: Merchant, other_merchant: Merchant) -> None:
    """More than are stored at once: the first goes with the last."""
    first, last = ProductFactory(external_id="a"), ProductFactory(external_id="z")
    for number, product in enumerate([first, *(ProductFactory() for _ in range(600)), last]):
        VariantFactory(product=product, external_id=f"v{number}", price_minor=number)
    first.complements.create(complement=last)
    last.complements.create(complement=first)
    carry(scope, other_merchant)


@given(shops())
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=EXAMPLES, phases=[Phase.generate])
def test_nothing_is_lost_on_the_way(shop: Shop) -> None:
    source: Any = MerchantFactory(currency="USD")
    target: Any = MerchantFactory(currency="USD")
    with tenant_scope(source.pk):
        build(shop)
    carry(source, target)
