"""Products with all their variants, as the shop tells them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from core import clock
from core.db.rows import rows_insert, rows_update
from core.db.statistics import keep_statistics
from core.errors import DomainError
from orders.errors import InvalidProduct
from orders.inputs import ProductInput, VariantInput
from orders.locks import Key, lock_products, lock_variants, with_keys
from orders.models import Product, ProductComplement, Variant
from orders.services.batches import Raced, raise_or_return, store_all

_PRODUCT_FIELDS = ("title", "type", "collections", "tags", "picture_url", "is_consumable", "status")
_VARIANT_FIELDS = (
    *("sku", "title", "position", "currency", "price_minor", "cost_minor", "tax_rate_bp", "stock_quantity"),
    "is_active",
)
_product_values = attrgetter(*_PRODUCT_FIELDS)
_variant_values = attrgetter(*_VARIANT_FIELDS)


@dataclass(frozen=True, slots=True)
class ProductResult:
    """`applied` is False when the product was already as it was told."""

    product: Product
    created: bool
    applied: bool


def product_upsert(*, data: ProductInput) -> tuple[Product, bool]:
    """Create or update a product with all its variants; variants that are gone become inactive.

    Complements that are not known yet are left out. Raises InvalidProduct, NotStorable.
    """
    result = raise_or_return(products_upsert(items=[data])[0])
    return result.product, result.created


def products_upsert(*, items: Sequence[ProductInput], keep_existing: bool = False) -> list[ProductResult | DomainError]:
    """The same for up to 1,000 in few statements; complements may name others of the batch.

    With `keep_existing` what is known stays as it is: only products and variants that are missing are added. So it is
    with products that somebody knows only from orders.
    """

    def store(sound: Sequence[ProductInput]) -> list[ProductResult]:
        return _Batch(sound, keep_existing=keep_existing).store()

    return store_all([_checked(item) for item in items], store)


def _checked(data: ProductInput) -> ProductInput | DomainError:
    errors: dict[str, list[str]] = {}
    if not data.variants:
        errors["variants"] = ["Send at least one variant."]
    ids = {variant.external_id for variant in data.variants}
    if len(ids) != len(data.variants):
        errors["variants"] = ["Two variants have the same external_id."]
    if not data.external_id:
        errors["external_id"] = ["Send the shop's id of the product."]
    return InvalidProduct(field_errors=errors) if errors else data


def _key(data: ProductInput) -> Key:
    return data.source, data.external_id


class _Batch:
    """The products of a batch: locked at once, changed in memory, written at once."""

    def __init__(self, items: Sequence[ProductInput], *, keep_existing: bool) -> None:
        self.items, self.keep_existing = items, keep_existing
        self.products = lock_products({_key(item) for item in items})
        self.new: dict[Key, Product] = {}
        self.changed: dict[uuid.UUID, Product] = {}
        self.variants = _variants(self.products.values())
        self.changed_variants: dict[uuid.UUID, Variant] = {}

    def store(self) -> list[ProductResult]:
        results = [self._apply(item) for item in self.items]
        new = [self.new[key] for key in sorted(self.new)]
        if rows_insert(Product, new, ignore_conflicts=True) < len(new):
            raise Raced
        rows_update(Product, list(self.changed.values()))
        variants = [variant for product in new for variant in self.variants[product.pk].values()]
        added = [v for p in self.products.values() for v in self.variants[p.pk].values() if v._state.adding]
        rows_insert(Variant, variants + added)
        rows_update(Variant, list(self.changed_variants.values()))
        if len(new) > 1:
            keep_statistics(Product, Variant)
        related = self._save_complements()
        return [
            ProductResult(result.product, result.created, result.applied or result.product.pk in related)
            for result in results
        ]

    def _apply(self, data: ProductInput) -> ProductResult:
        key = _key(data)
        product = self.products.get(key) or self.new.get(key)
        created = product is None
        if product is None:
            product = self.new[key] = Product(source=data.source, external_id=data.external_id)
            _set_product(product, data)
            self.variants[product.pk] = {}
        is_changed = created or (not self.keep_existing and _product_values(product) != _told(data))
        if is_changed and not created:
            _set_product(product, data)
        is_changed |= self._set_variants(product, data)
        if is_changed and not created:
            self._touch(product)
        return ProductResult(product, created, is_changed)

    def _touch(self, product: Product) -> None:
        product.updated_at = clock.now()
        if not product._state.adding:
            self.changed[product.pk] = product

    def _set_variants(self, product: Product, data: ProductInput) -> bool:
        known = self.variants[product.pk]
        told = {item.external_id for item in data.variants}
        is_changed = False
        for item in data.variants:
            variant = known.get(item.external_id)
            if variant is None:
                known[item.external_id] = _set_variant(Variant(product=product, external_id=item.external_id), item)
                is_changed = True
            elif not self.keep_existing:
                is_changed |= self._change(variant, item)
        if not self.keep_existing:
            for external_id in known.keys() - told:
                is_changed |= self._change(known[external_id], None)
        return is_changed

    def _change(self, variant: Variant, item: VariantInput | None) -> bool:
        """Without an input: gone."""
        before = _variant_values(variant)
        if item is None:
            variant.is_active = False
        else:
            _set_variant(variant, item)
        if _variant_values(variant) == before:
            return False
        if not variant._state.adding:
            self.changed_variants[variant.pk] = variant
        return True

    def _save_complements(self) -> set[uuid.UUID]:
        """Ids of the products whose complements changed."""
        told = {_key(item): item for item in self.items}
        if self.keep_existing:
            told = {key: item for key, item in told.items() if key in self.new}
        here = {**self.products, **self.new}
        known = _known_complements(here[key] for key in told if key not in self.new)
        wanted = _found_complements(told.values())
        rows: list[ProductComplement] = []
        changed: set[uuid.UUID] = set()
        for key, item in told.items():
            product = here[key]
            found = (wanted.get((item.source, external_id)) for external_id in dict.fromkeys(item.complements))
            ids = [pk for pk in found if pk is not None and pk != product.pk]
            if ids != known[product.pk]:
                changed.add(product.pk)
                rows += [ProductComplement(product=product, complement_id=pk, rank=n) for n, pk in enumerate(ids)]
        if changed:
            ProductComplement.objects.filter(product_id__in=changed).delete()
        rows_insert(ProductComplement, rows)
        return changed


def _told(data: ProductInput) -> tuple[Any, ...]:
    """The values of a product's fields as the shop tells them; rows keep lists."""
    return tuple(list(value) if isinstance(value, tuple) else value for value in _product_values(data))


def _set_product(product: Product, data: ProductInput) -> None:
    for field, value in zip(_PRODUCT_FIELDS, _told(data), strict=True):
        setattr(product, field, value)


def _set_variant(variant: Variant, item: VariantInput) -> Variant:
    for field in _VARIANT_FIELDS:
        setattr(variant, field, getattr(item, field))
    return variant


def _variants(products: Iterable[Product]) -> dict[uuid.UUID, dict[str, Variant]]:
    """By product and external id, locked."""
    ids = Variant.objects.filter(product_id__in=[product.pk for product in products]).values_list("pk", flat=True)
    found: dict[uuid.UUID, dict[str, Variant]] = defaultdict(dict)
    for variant in lock_variants(ids).values():
        found[variant.product_id][variant.external_id] = variant
    return found


def _known_complements(products: Iterable[Product]) -> dict[uuid.UUID, list[uuid.UUID]]:
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    rows = ProductComplement.objects.filter(product__in=list(products)).order_by("rank")
    for product_id, complement_id in rows.values_list("product_id", "complement_id"):
        found[product_id].append(complement_id)
    return found


def _found_complements(items: Iterable[ProductInput]) -> dict[tuple[str, str], Any]:
    which = with_keys({(item.source, external_id) for item in items for external_id in item.complements})
    if which is None:
        return {}
    rows = Product.objects.filter(which).values_list("source", "external_id", "pk")
    return {(source, external_id): pk for source, external_id, pk in rows}
