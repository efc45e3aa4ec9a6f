"""Customers and addresses: the only rows of this room with personal data."""

from django.db import models
from django.db.models import F, Func, Value

from core.clock import now
from core.models import TenantModel


class Customer(TenantModel):
    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=128)
    email = models.EmailField(blank=True)
    # Folding the case makes three characters out of one at most.
    email_normalised = models.CharField(max_length=3 * 254, blank=True, editable=False)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    name_normalised = models.CharField(max_length=3 * 201, blank=True, editable=False)
    # By PostgreSQL, so that whoever writes a name cannot forget it.
    surname_normalised = models.GeneratedField(
        expression=Func(F("name_normalised"), Value("^.* "), Value(""), function="regexp_replace"),
        output_field=models.CharField(max_length=3 * 201),
        db_persist=True,
    )
    phone = models.CharField(max_length=40, blank=True)
    locale = models.CharField(max_length=16, blank=True)
    accepts_marketing = models.BooleanField(default=False)
    consented_at = models.DateTimeField(null=True, blank=True, help_text="When marketing was agreed to.")
    consent_source = models.CharField(
        max_length=100, blank=True, db_default="", help_text="Where: checkout, newsletter form …"
    )
    created_at = models.DateTimeField(default=now)
    # Nullable for as long as a release that does not know it may still write.
    updated_at = models.DateTimeField(null=True, default=now, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "source", "external_id"], name="orders_customer_once"),
        ]
        indexes = [
            models.Index(fields=["merchant", "email_normalised"], name="orders_customer_email"),
            models.Index(fields=["merchant", "name_normalised"], name="orders_customer_name"),
            models.Index(fields=["merchant", "surname_normalised"], name="orders_customer_surname"),
            models.Index(fields=["merchant", "-id"], name="orders_customer_newest"),
        ]

    def __str__(self) -> str:
        if self.erased_at is not None:
            return "Erased customer"
        return self.full_name or self.email or self.external_id

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Address(TenantModel):
    """A postal address as it stood on an order. Rows are never changed: a new address is a new row."""

    name = models.CharField(max_length=200, blank=True)
    line1 = models.CharField(max_length=200, blank=True)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2 code")

    class Meta(TenantModel.Meta):
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return ", ".join(part for part in (self.city, self.country) if part)
