"""One order of a demo shop, as the API takes it."""

import random
from datetime import datetime, timedelta

from devtools.demo.pricing import Priced, address, decimal_string, priced
from devtools.demo.spec import Code, DemoProduct, DemoShop, Payload, Person, Pick

SOURCE = "custom"
CARDS = (("visa", 0.58), ("mastercard", 0.3), ("amex", 0.12))
CHANNELS = (("web", 0.86), ("instagram", 0.09), ("market stall", 0.05))
CAMPAIGNS: tuple[tuple[Payload, float], ...] = (
    ({}, 0.62),
    ({"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "slow-evenings"}, 0.16),
    ({"utm_source": "instagram", "utm_medium": "paid"}, 0.13),
    ({"utm_source": "google", "utm_medium": "cpc"}, 0.09),
)


def product_payload(shop: DemoShop, product: DemoProduct, stock: dict[str, int], picture_base: str) -> Payload:
    rate = f"{shop.regions[0].tax_bp / 10000:.4f}" if shop.is_tax_inclusive else None
    return {
        "source": SOURCE,
        "external_id": product.slug,
        "title": product.title,
        "type": product.type,
        "collections": list(product.collections),
        "tags": list(product.tags),
        "picture_url": f"{picture_base}{product.slug}.svg",
        "is_consumable": product.is_consumable,
        "status": "active",
        "complements": list(product.goes_with),
        "variants": [
            {
                "external_id": variant.external_id,
                "sku": variant.sku,
                "title": variant.title,
                "price": decimal_string(variant.price),
                "currency": shop.currency,
                "cost": decimal_string(variant.cost),
                "stock_quantity": stock.get(variant.external_id),
                "tax_rate": rate,
                "position": position,
            }
            for position, variant in enumerate(product.variants)
        ],
    }


def customer_payload(shop: DemoShop, person: Person) -> Payload:
    return {
        "external_id": person.external_id,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone,
        "locale": shop.locale,
        "accepts_marketing": person.accepts_marketing,
    }


def card_tender(total: int, brand: str, last4: str, customer: str = "", payment_method: str = "") -> Payload:
    amount = decimal_string(total)
    return {
        "kind": "card",
        "provider": "stripe",
        "customer": customer,
        "payment_method": payment_method,
        "brand": brand,
        "last4": last4,
        "amount": amount,
        "captured": amount,
    }


def order_payload(
    shop: DemoShop,
    person: Person,
    number: int,
    sums: Priced,
    placed_at: datetime,
    *,
    code: Code | None,
    rng: random.Random,
) -> Payload:
    """A paid order. The tender has no saved card; give it one where the order is to be changed."""
    brand = rng.choices([b for b, _ in CARDS], [w for _, w in CARDS])[0]
    paid_at = placed_at + timedelta(seconds=rng.randrange(2, 20))
    return {
        "source": SOURCE,
        "external_id": str(number),
        "number": f"{shop.prefix}-{number}",
        "version": 1,
        "currency": shop.currency,
        "placed_at": placed_at.isoformat(),
        "paid_at": paid_at.isoformat(),
        "tax_inclusive": shop.is_tax_inclusive,
        "customer": customer_payload(shop, person),
        "lines": sums.lines,
        "shipping": sums.shipping,
        "total": decimal_string(sums.total),
        "shipping_address": address(shop, person),
        "tenders": [card_tender(sums.total, brand, f"{rng.randrange(10000):04d}")],
        "tags": [f"code:{code.name}"] if code else [],
        "sales_channel": rng.choices([c for c, _ in CHANNELS], [w for _, w in CHANNELS])[0],
        "landing_utm": dict(rng.choices([c for c, _ in CAMPAIGNS], [w for _, w in CAMPAIGNS])[0]),
        "risk_level": rng.choices(("low", "medium", "high"), (0.96, 0.035, 0.005))[0],
        "is_test": False,
        "backfill": False,
    }


def fresh_order(
    shop: DemoShop, person: Person, picks: list[Pick], number: int, placed_at: datetime, rng: random.Random
) -> Payload:
    """An order that arrives now, without a code."""
    sums = priced(shop, picks, person.region, None, is_express=False)
    return order_payload(shop, person, number, sums, placed_at, code=None, rng=rng)
