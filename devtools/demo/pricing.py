"""Sums of an order, as the shop's checkout would work them out."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.money import split
from devtools.demo.spec import Code, DemoShop, Payload, Person, Pick, Region


def decimal_string(amount: int) -> str:
    """Both demo currencies have two decimals."""
    return f"{amount // 100}.{amount % 100:02d}"


def percent_of(amount: int, basis_points: int) -> int:
    """Half up; amounts are never negative here."""
    return (amount * basis_points + 5000) // 10000


def tax_within(amount: int, basis_points: int) -> int:
    """The tax that a tax-inclusive amount contains, half up."""
    return (2 * amount * basis_points + 10000 + basis_points) // (2 * (10000 + basis_points))


@dataclass(frozen=True)
class Priced:
    lines: list[Payload]
    shipping: Payload
    total: int


def _tax(shop: DemoShop, amount: int, region: Region) -> int:
    if shop.is_tax_inclusive:
        return tax_within(amount, region.tax_bp)
    return percent_of(amount, region.tax_bp)


def _discount(code: Code | None, items: int) -> int:
    if code is None:
        return 0
    return min(items, percent_of(items, code.percent * 100) + code.amount)


def priced(shop: DemoShop, picks: Sequence[Pick], region: Region, code: Code | None, is_express: bool) -> Priced:
    gross = [pick.variant.price * pick.quantity for pick in picks]
    discounts = split(_discount(code, sum(gross)), gross)
    lines: list[Payload] = []
    total = 0
    for position, (pick, amount, discount) in enumerate(zip(picks, gross, discounts, strict=True), start=1):
        net = amount - discount
        tax = _tax(shop, net, region)
        total += net if shop.is_tax_inclusive else net + tax
        lines.append(
            {
                "external_id": str(position),
                "variant_external_id": pick.variant.external_id,
                "sku": pick.variant.sku,
                "title": pick.product.title,
                "variant_title": pick.variant.title,
                "quantity": pick.quantity,
                "unit_price": decimal_string(pick.variant.price),
                "discount": decimal_string(discount),
                "tax": decimal_string(tax),
                "tax_rate": f"{region.tax_bp / 10000:.4f}",
            }
        )
    free = sum(gross) - sum(discounts) >= shop.free_shipping_from
    price = shop.express_price if is_express else 0 if free else shop.shipping_price
    shipping_tax = _tax(shop, price, region) if region.taxes_shipping else 0
    total += price if shop.is_tax_inclusive else price + shipping_tax
    title = "Express, 1–2 days" if is_express else "Standard, 3–4 days"
    shipping = {"title": title, "price": decimal_string(price), "tax": decimal_string(shipping_tax)}
    return Priced(lines, shipping, total)


def address(shop: DemoShop, person: Person) -> Payload:
    return {
        "name": f"{person.first_name} {person.last_name}",
        "line1": person.line1,
        "line2": person.line2,
        "city": person.city,
        "region": person.region.code,
        "postal_code": person.postal_code,
        "country": shop.country,
    }
