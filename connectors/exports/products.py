"""Products, a row per variant, those no longer on sale among them; in the order of their ids at the source."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F, QuerySet

from connectors.columns import PRODUCT_COLUMNS
from connectors.exports.cells import flag, number, rate, record, text
from connectors.exports.stream import PAGE, Page, beyond
from core.money import amount_text
from orders.models import Product, ProductComplement, Variant

Cells = dict[str, str]


class ProductExport:
    kind: ClassVar[str] = "products"

    def __init__(self, products: QuerySet[Product]) -> None:
        self.columns = tuple(column.name for column in PRODUCT_COLUMNS)
        self._products = products.order_by("source", "external_id")

    def page(self, after: tuple[Any, ...] | None) -> Page:
        wanted = self._products if after is None else self._products.filter(beyond(("source", "external_id"), after))
        products = list(wanted[:PAGE])
        last = (products[-1].source, products[-1].external_id) if len(products) == PAGE else None
        rows = [[cells.get(name, "") for name in self.columns] for cells in _rows(products)]
        return Page(rows, len(products), last)


def _rows(products: list[Product]) -> Iterator[Cells]:
    ids = [product.pk for product in products]
    variants: dict[UUID, list[Variant]] = defaultdict(list)
    for variant in Variant.objects.filter(product_id__in=ids).order_by("position", "external_id"):
        variants[variant.product_id].append(variant)
    complements: dict[UUID, list[str]] = defaultdict(list)
    ranked = ProductComplement.objects.filter(product_id__in=ids).order_by("rank", "id")
    for product_id, external_id in ranked.values_list("product_id", F("complement__external_id")):
        complements[product_id].append(external_id)
    for product in products:
        cells = _product_cells(product, complements[product.pk])
        for variant in variants[product.pk]:
            yield cells | _variant_cells(variant)


def _product_cells(product: Product, complements: list[str]) -> Cells:
    return {
        "source": text(product.source),
        "external_id": text(product.external_id),
        "title": text(product.title),
        "type": text(product.type),
        "collections": record(product.collections),
        "tags": record(product.tags),
        "picture_url": text(product.picture_url),
        "is_consumable": flag(product.is_consumable),
        "status": product.status,
        "complements": record(complements),
    }


def _variant_cells(variant: Variant) -> Cells:
    return {
        "variant_external_id": text(variant.external_id),
        "variant_sku": text(variant.sku),
        "variant_title": text(variant.title),
        "variant_position": number(variant.position),
        "variant_price": amount_text(variant.price_minor, variant.currency),
        "variant_currency": variant.currency,
        "variant_cost": "" if variant.cost_minor is None else amount_text(variant.cost_minor, variant.currency),
        "variant_tax_rate": rate(variant.tax_rate_bp),
        "variant_stock_quantity": number(variant.stock_quantity),
        "variant_is_active": flag(variant.is_active),
    }
