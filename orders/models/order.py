"""The order, its lines and tenders. All `*_minor` columns are in the order's currency."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from core.clock import now
from core.models import TenantModel
from orders.models.catalogue import Variant
from orders.models.customer import Address, Customer
from orders.models.part import OrderPart


class Order(TenantModel):
    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CANCELLED = "cancelled", "Cancelled"

    class Risk(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=128)
    external_version = models.PositiveBigIntegerField(help_text="The shop's version: older ones never overwrite newer.")
    number = models.CharField(max_length=64)
    # Folding the case makes three characters out of one at most.
    number_normalised = models.CharField(max_length=3 * 64, editable=False)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    version = models.PositiveIntegerField(default=0, help_text="Ours: one more with each revision.")

    currency = models.CharField(max_length=3)
    fx_rate = models.DecimalField(
        max_digits=20, decimal_places=10, default=Decimal(1), help_text="Units of the shop's currency for one unit."
    )
    is_tax_inclusive = models.BooleanField(default=False)
    items_minor = models.BigIntegerField(default=0, help_text="Σ unit price × quantity, before discounts.")
    discount_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    shipping_tax_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0, help_text="Of lines and shipping together.")
    total_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0, help_text="Of lines and shipping together.")
    shipping_refunded_minor = models.PositiveBigIntegerField(default=0, db_default=0)
    checkout_total_minor = models.BigIntegerField(default=0, help_text="Total at checkout, before any edit.")
    checkout_net_minor = models.BigIntegerField(
        default=0, help_text="Goods at checkout after discount, without tax and shipping: the base of AOV."
    )
    shipping_title = models.CharField(max_length=100, blank=True)
    shipping_address = models.ForeignKey(Address, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    billing_address = models.ForeignKey(Address, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    fulfilment_started_at = models.DateTimeField(null=True, blank=True)
    fulfilled_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    sales_channel = models.CharField(max_length=40, blank=True)
    landing_utm = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=list, blank=True)
    risk_level = models.CharField(max_length=7, choices=Risk, default=Risk.UNKNOWN)
    is_test = models.BooleanField(default=False)
    is_backfill = models.BooleanField(default=False, help_text="History: opens no window and triggers nothing.")
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "source", "external_id"], name="orders_order_once"),
            models.CheckConstraint(condition=Q(total_minor__gte=0), name="orders_order_total_not_negative"),
            models.CheckConstraint(condition=Q(fx_rate__gt=0), name="orders_order_fx_positive"),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | Q(cancelled_at__isnull=False), name="orders_order_cancelled_when"
            ),
            models.CheckConstraint(
                condition=Q(is_tax_inclusive=True, shipping_refunded_minor__lte=F("shipping_minor"))
                | Q(
                    is_tax_inclusive=False,
                    shipping_refunded_minor__lte=F("shipping_minor") + F("shipping_tax_minor"),
                ),
                name="orders_order_shipping_refunded_within_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-placed_at", "-id"], name="orders_order_placed"),
            models.Index(fields=["merchant", "number_normalised"], name="orders_order_number"),
            models.Index(fields=["merchant", "customer", "-placed_at"], name="orders_order_customer"),
            models.Index(fields=["merchant", "-updated_at", "-id"], name="orders_order_updated"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_paid(self) -> bool:
        return self.paid_at is not None


class OrderLine(OrderPart):
    class Origin(models.TextChoices):
        CHECKOUT = "checkout", "Checkout"
        EDIT = "edit", "Added after checkout"

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_constraint=False, db_index=False
    )
    external_id = models.CharField(max_length=128)
    position = models.PositiveIntegerField(default=0)
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False, db_index=False
    )
    sku = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=255)
    variant_title = models.CharField(max_length=255, blank=True)
    picture_url = models.CharField(max_length=500, blank=True)
    quantity = models.PositiveIntegerField(help_text="Ordered.")
    fulfilled_quantity = models.PositiveIntegerField(default=0)
    in_progress_quantity = models.PositiveIntegerField(default=0, help_text="Being picked or packed.")
    refunded_quantity = models.PositiveIntegerField(default=0)
    unit_price_minor = models.PositiveBigIntegerField(help_text="Paid per unit, before discount.")
    discount_minor = models.PositiveBigIntegerField(default=0, help_text="This line's share, whole line.")
    tax_minor = models.PositiveBigIntegerField(default=0, help_text="Whole line.")
    tax_rate_bp = models.PositiveIntegerField(default=0, help_text="Basis points: 2000 is 20 %.")
    total_minor = models.PositiveBigIntegerField(help_text="Price × quantity − discount, plus tax if not in the price.")
    refunded_minor = models.PositiveBigIntegerField(default=0, help_text="Of this line's total.")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.CHECKOUT)
    edit_id = models.UUIDField(null=True, blank=True, help_text="The edit that added it.")

    class Meta(OrderPart.Meta):
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "order", "external_id"], name="orders_orderline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_orderline_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("fulfilled_quantity") + F("in_progress_quantity")),
                name="orders_orderline_fulfilled_within_ordered",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("refunded_quantity")), name="orders_orderline_refunded_within_ordered"
            ),
            models.CheckConstraint(
                condition=Q(total_minor__gte=F("refunded_minor")), name="orders_orderline_refunded_within_total"
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__lte=F("unit_price_minor") * F("quantity")),
                name="orders_orderline_discount_within_price",
            ),
            models.CheckConstraint(
                condition=Q(origin="checkout", edit_id__isnull=True) | Q(origin="edit", edit_id__isnull=False),
                name="orders_orderline_edit_has_id",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "variant"], name="orders_orderline_variant")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def net_minor(self) -> int:
        """After discount, without tax (which `total_minor` holds either way): what metrics call line value."""
        return self.total_minor - self.tax_minor


class OrderTender(OrderPart):
    """How (a part of) the order was paid at the shop's checkout."""

    class Kind(models.TextChoices):
        CARD = "card", "Card"
        GIFT_CARD = "gift_card", "Gift card"
        OTHER = "other", "Other"

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="tenders", db_constraint=False, db_index=False
    )
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=9, choices=Kind)
    provider = models.CharField(max_length=32, blank=True)
    provider_customer = models.CharField(max_length=128, blank=True)
    provider_payment_method = models.CharField(max_length=128, blank=True)
    brand = models.CharField(max_length=20, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    amount_minor = models.PositiveBigIntegerField()
    captured_minor = models.PositiveBigIntegerField(default=0)
    redemption_ref = models.CharField(max_length=128, blank=True)

    class Meta(OrderPart.Meta):
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "order", "position"], name="orders_ordertender_position"),
            models.CheckConstraint(
                condition=Q(captured_minor__lte=F("amount_minor")), name="orders_ordertender_captured_within_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.last4}".strip()

    @property
    def is_chargeable(self) -> bool:
        """A saved card that can be charged without the shopper present."""
        return self.kind == self.Kind.CARD and bool(self.provider_customer and self.provider_payment_method)
