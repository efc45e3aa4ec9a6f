from django.db import transaction

from core import clock
from core.tenancy import require_merchant_id
from orders.errors import InvalidProduct
from orders.inputs import ProductInput
from orders.locks import lock_variants
from orders.models import Product, ProductComplement, Variant


def product_upsert(*, data: ProductInput) -> tuple[Product, bool]:
    """Create or update a product with all its variants; variants that are gone become inactive.

    Complements that are not known yet are left out. Raises InvalidProduct.
    """
    _check(data)
    merchant_id = require_merchant_id()
    key = {"merchant_id": merchant_id, "source": data.source, "external_id": data.external_id}
    values = {
        "title": data.title,
        "type": data.type,
        "collections": list(data.collections),
        "tags": list(data.tags),
        "picture_url": data.picture_url,
        "is_consumable": data.is_consumable,
        "status": data.status,
        "updated_at": clock.now(),
    }
    with transaction.atomic():
        product, created = Product.objects.get_or_create(**key, defaults=values)
        if not created:
            # Not locked FOR UPDATE, which would bar other products from naming it as their complement.
            Product.objects.filter(pk=product.pk).update(**values)
            product.refresh_from_db()
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
    existing = lock_variants(Variant.objects.filter(product=product).values_list("pk", flat=True))
    by_external = {variant.external_id: variant for variant in existing.values()}
    for item in data.variants:
        values = {
            "sku": item.sku,
            "title": item.title,
            "position": item.position,
            "currency": item.currency,
            "price_minor": item.price_minor,
            "cost_minor": item.cost_minor,
            "tax_rate_bp": item.tax_rate_bp,
            "stock_quantity": item.stock_quantity,
            "is_active": True,
        }
        variant = by_external.pop(item.external_id, None)
        if variant is None:
            Variant.objects.create(product=product, external_id=item.external_id, **values)
        else:
            Variant.objects.filter(pk=variant.pk).update(**values)
    Variant.objects.filter(pk__in=[variant.pk for variant in by_external.values()]).update(is_active=False)


def _save_complements(product: Product, data: ProductInput) -> None:
    found = Product.objects.filter(source=data.source, external_id__in=data.complements).exclude(pk=product.pk)
    by_external = {complement.external_id: complement for complement in found}
    ProductComplement.objects.filter(product=product).delete()
    ProductComplement.objects.bulk_create(
        ProductComplement(product=product, complement=by_external[external_id], rank=rank)
        for rank, external_id in enumerate(dict.fromkeys(data.complements))
        if external_id in by_external
    )
