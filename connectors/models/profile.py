"""How a shop's files are read: one row for each layout, the shipped ones among them."""

from django.db import models

from core.clock import now
from core.models import TenantModel


class ImportKind(models.TextChoices):
    ORDERS = "orders", "Orders"
    PRODUCTS = "products", "Products"
    CUSTOMERS = "customers", "Customers"
    GIFT_CARDS = "gift_cards", "Gift cards"


class ImportProfile(TenantModel):
    """`settings` is what `connectors.imports.profile.Profile.parse` takes. `shipped_as` names what it came from."""

    name = models.SlugField(
        max_length=64, db_index=False, help_text="As commands call it: letters, digits, dashes, underscores."
    )
    title = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=ImportKind)
    settings = models.JSONField(default=dict)
    shipped_as = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name = "import profile"
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="connectors_importprofile_once")]

    def __str__(self) -> str:
        return self.title
