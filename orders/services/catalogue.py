from django.db import transaction

from core import clock
from core.tenancy import require_merchant_id
from orders.errors import InvalidProduct
from orders.inputs import ProductInput
from orders.models import Product, ProductComplement, Variant


def product_upsert(*, data: ProductInput) -> tuple[Product, bool]:
    """Create or update a product with all its variants; variants that are gone become inactive.

    Complements that are not known yet are left out. Raises InvalidProduct.
    """
    _check(data)
    merchant_id = require_merchant_id()
    with transaction.atomic():
        product, created = Product.objects.select_for_update().update_or_create(
            merchant_id=merchant_id,
            source=data.source,
            external_id=data.external_id,
            defaults={
                "title": data.title,
                "type": data.type,
                "collections": list(data.collections),
                "tags": list(data.tags),
                "picture_url": data.picture_url,
                "is_consumable": data.is_consumable,
                "status": data.status,
                "updated_at": clock.now(),
            },
        )
        _save_variants(product, data)
        _save_complements(product, data)
    return product, created


def _check(data: ProductInput) -> None:
    errors: dict[str, list[str]] = {}
    if not data.variants:
        errors["variants"] = ["Send at least one variant."]
    ids = [variant.external_id for variant in data.variants]
    if len(set(ids)) != len(ids):
        errors["variants"] = ["Two variants have the same external_id."]
    if errors:
        raise InvalidProduct(field_errors=errors)


def _save_variants(product: Product, data: ProductInput) -> None:
    for variant in data.variants:
        Variant.objects.update_or_create(
            merchant_id=product.merchant_id,
            product=product,
            external_id=variant.external_id,
            defaults={
                "sku": variant.sku,
                "title": variant.title,
                "position": variant.position,
                "currency": variant.currency,
                "price_minor": variant.price_minor,
                "cost_minor": variant.cost_minor,
                "tax_rate_bp": variant.tax_rate_bp,
                "stock_quantity": variant.stock_quantity,
                "is_active": True,
            },
        )
    known = [variant.external_id for variant in data.variants]
    Variant.objects.filter(product=product).exclude(external_id__in=known).update(is_active=False)


def _save_complements(product: Product, data: ProductInput) -> None:
    found = Product.objects.filter(source=data.source, external_id__in=data.complements).exclude(pk=product.pk)
    by_external = {complement.external_id: complement for complement in found}
    ProductComplement.objects.filter(product=product).delete()
    ProductComplement.objects.bulk_create(
        ProductComplement(product=product, complement=by_external[external_id], rank=rank)
        for rank, external_id in enumerate(dict.fromkeys(data.complements))
        if external_id in by_external
    )
