"""What the shop sells, as far as orders, edits and recommendations need it."""

from django.db import models

from core.clock import now
from core.models import TenantModel


class Product(TenantModel):
    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        ARCHIVED = "archived", "Archived"

    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=128)
    title = models.CharField(max_length=255)
    type = models.CharField(max_length=100, blank=True)
    collections = models.JSONField(default=list, blank=True)
    tags = models.JSONField(default=list, blank=True)
    picture_url = models.CharField(max_length=500, blank=True)
    is_consumable = models.BooleanField(default=False, help_text="Used up and bought again.")
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "source", "external_id"], name="orders_product_once"),
        ]
        indexes = [
            models.Index(fields=["merchant", "status", "title"], name="orders_product_title"),
            models.Index(fields=["merchant", "title", "id"], name="orders_product_all_titles"),
        ]

    def __str__(self) -> str:
        return self.title


class Variant(TenantModel):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    external_id = models.CharField(max_length=128)
    sku = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=255, blank=True, help_text="Size, colour; empty for the only variant.")
    position = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)
    price_minor = models.PositiveBigIntegerField()
    cost_minor = models.PositiveBigIntegerField(null=True, blank=True, help_text="What one unit costs the shop.")
    tax_rate_bp = models.PositiveIntegerField(
        null=True, blank=True, help_text="Tax rate in basis points (2000 is 20 %); empty: as on the order."
    )
    stock_quantity = models.BigIntegerField(null=True, blank=True, help_text="Empty: not counted.")
    reserved_quantity = models.PositiveBigIntegerField(default=0, editable=False)
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "product", "external_id"], name="orders_variant_once"),
        ]
        indexes = [
            models.Index(fields=["merchant", "external_id"], name="orders_variant_external"),
            models.Index(fields=["merchant", "sku"], name="orders_variant_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.product.title} {self.title}".strip()

    @property
    def available_quantity(self) -> int | None:
        """Units that can still be promised; None when stock is not counted."""
        return None if self.stock_quantity is None else max(0, self.stock_quantity - self.reserved_quantity)


class ProductComplement(TenantModel):
    """A product that goes with another, in the shop's own order."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="complements")
    complement = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "product", "complement"], name="orders_complement_once"),
            models.CheckConstraint(
                condition=~models.Q(product=models.F("complement")), name="orders_complement_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} + {self.complement_id}"
