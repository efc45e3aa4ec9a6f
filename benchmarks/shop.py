"""The shop of a measurement: twelve products and a paid order of six of them, its window open."""

import uuid
from dataclasses import dataclass

from core import clock
from core.tenancy import tenant_scope
from merchants.models import Merchant
from orders.inputs import AddressInput, CustomerInput, LineInput, OrderInput, ProductInput, TenderInput, VariantInput
from orders.models import Variant
from orders.services.catalogue import product_upsert
from orders.services.ingest import order_upsert
from portal.services.links import portal_link_create

PRODUCTS, LINES = 12, 6
PRICE, SHIPPING = 2400, 495


@dataclass(frozen=True)
class Sample:
    order_id: uuid.UUID
    token: str
    variant_ids: list[uuid.UUID]


def make_shop(slug: str) -> Sample:
    merchant = Merchant.objects.create(slug=slug, name="Harrow & Pine", currency="USD", time_zone="America/Los_Angeles")
    with tenant_scope(merchant.pk):
        for number in range(PRODUCTS):
            product_upsert(data=_product(number))
        order = order_upsert(data=_order()).order
        link = portal_link_create(order_id=order.pk)
        variants = Variant.objects.filter(merchant_id=merchant.pk).order_by("external_id")
        return Sample(order.pk, link.token, list(variants.values_list("id", flat=True)))


def _product(number: int) -> ProductInput:
    variant = VariantInput(external_id=f"v{number}", sku=f"TRAY-{number}", price_minor=PRICE, currency="USD")
    return ProductInput(source="custom", external_id=f"p{number}", title=f"Kiln tray {number}", variants=(variant,))


def _order() -> OrderInput:
    lines = tuple(
        LineInput(
            external_id=str(number),
            variant_external_id=f"v{number}",
            title=f"Kiln tray {number}",
            quantity=1,
            unit_price_minor=PRICE,
        )
        for number in range(LINES)
    )
    total = LINES * PRICE + SHIPPING
    card = TenderInput(
        kind="card",
        provider="stripe",
        provider_customer="cus_1",
        provider_payment_method="pm_1",
        brand="visa",
        last4="4242",
        amount_minor=total,
        captured_minor=total,
    )
    at = clock.now()
    return OrderInput(
        source="custom",
        external_id="1",
        number="HP-1001",
        version=1,
        currency="USD",
        placed_at=at,
        paid_at=at,
        customer=CustomerInput(external_id="c1", email="mara@mail.example", first_name="Mara", last_name="Rosengren"),
        shipping_address=AddressInput(name="Mara Rosengren", line1="118 Alder Road", city="Portland", country="US"),
        lines=lines,
        shipping_title="Standard",
        shipping_minor=SHIPPING,
        total_minor=total,
        tenders=(card,),
    )
