"""Short notation for catalogues."""

import re
from decimal import Decimal

from devtools.demo.spec import DemoProduct, DemoVariant


def minor(amount: str) -> int:
    """Both demo currencies have two decimals."""
    return int(Decimal(amount) * 100)


def _code(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def item(
    slug: str,
    title: str,
    type_: str,
    collections: str,
    prices: dict[str, str],
    *,
    goes: str = "",
    tags: str = "",
    weight: float = 1.0,
    stock: int | None = 60,
    cost: float = 0.42,
    consumable: bool = False,
    most: int = 1,
    last_ones: str = "",
) -> DemoProduct:
    """`prices` maps the variant's title to its price; `last_ones` names a variant that is not made again."""
    variants = []
    for position, (variant_title, price) in enumerate(prices.items()):
        code = "-".join(filter(None, (slug, _code(variant_title))))
        is_last = bool(last_ones) and variant_title == last_ones
        variants.append(
            DemoVariant(
                external_id=code,
                sku=code.upper(),
                title=variant_title,
                price=minor(price),
                cost=round(minor(price) * cost),
                opening_stock=None if stock is None else 6 if is_last else max(12, stock - 9 * position),
                is_restocked=not is_last,
            )
        )
    return DemoProduct(
        slug=slug,
        title=title,
        type=type_,
        collections=tuple(collections.split(" + ")),
        tags=tuple(tags.split()),
        variants=tuple(variants),
        weight=weight,
        is_consumable=consumable,
        goes_with=tuple(goes.split()),
        most=most,
    )
