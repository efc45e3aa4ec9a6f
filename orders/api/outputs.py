"""What partners read."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import AmountOutField
from core.money import amount_text
from orders.models import (
    Address,
    Customer,
    EditWindow,
    Order,
    OrderLine,
    OrderRefund,
    OrderTender,
    Product,
    Variant,
)


class CustomerOut(serializers.ModelSerializer[Customer]):
    class Meta:
        model = Customer
        fields = [
            "id",
            "source",
            "external_id",
            "email",
            "first_name",
            "last_name",
            "phone",
            "locale",
            "accepts_marketing",
            "consented_at",
            "consent_source",
            "created_at",
        ]


class AddressOut(serializers.ModelSerializer[Address]):
    class Meta:
        model = Address
        fields = ["name", "line1", "line2", "city", "region", "postal_code", "country"]


class LineOut(serializers.ModelSerializer[OrderLine]):
    variant_id = serializers.UUIDField(allow_null=True)
    unit_price = AmountOutField(source="unit_price_minor", currency="order.currency")
    discount = AmountOutField(source="discount_minor", currency="order.currency")
    tax = AmountOutField(source="tax_minor", currency="order.currency")
    total = AmountOutField(source="total_minor", currency="order.currency")
    refunded = AmountOutField(source="refunded_minor", currency="order.currency")

    class Meta:
        model = OrderLine
        fields = [
            "id",
            "external_id",
            "variant_id",
            "sku",
            "title",
            "variant_title",
            "picture_url",
            "quantity",
            "fulfilled_quantity",
            "in_progress_quantity",
            "refunded_quantity",
            "unit_price",
            "discount",
            "tax",
            "total",
            "refunded",
            "origin",
            "edit_id",
        ]


class TenderOut(serializers.ModelSerializer[OrderTender]):
    amount = AmountOutField(source="amount_minor", currency="order.currency")
    captured = AmountOutField(source="captured_minor", currency="order.currency")

    class Meta:
        model = OrderTender
        fields = ["kind", "provider", "brand", "last4", "amount", "captured"]


class RefundLineOut(serializers.Serializer[Any]):
    line_id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    amount = serializers.CharField(help_text="Decimal string in the order's currency.")


class RefundOut(serializers.ModelSerializer[OrderRefund]):
    amount = AmountOutField(source="amount_minor", currency="order.currency", help_text="Of lines and shipping.")
    shipping = AmountOutField(source="shipping_minor", currency="order.currency")
    lines = serializers.SerializerMethodField()

    class Meta:
        model = OrderRefund
        fields = ["external_id", "refunded_at", "amount", "shipping", "lines"]

    @extend_schema_field(RefundLineOut(many=True))
    def get_lines(self, refund: OrderRefund) -> Any:
        currency = refund.order.currency
        return [
            {
                "line_id": line["line_id"],
                "quantity": line["quantity"],
                "amount": amount_text(line["amount_minor"], currency),
            }
            for line in refund.lines
        ]


class WindowOut(serializers.ModelSerializer[EditWindow]):
    class Meta:
        model = EditWindow
        fields = ["state", "opened_at", "closes_at", "closed_at", "close_reason"]


class OrderOut(serializers.ModelSerializer[Order]):
    customer = CustomerOut(allow_null=True)
    lines = LineOut(many=True)
    tenders = TenderOut(many=True)
    refunds = RefundOut(many=True)
    window = serializers.SerializerMethodField()
    shipping_address = AddressOut(allow_null=True)
    billing_address = AddressOut(allow_null=True)
    items = AmountOutField(source="items_minor", help_text="Before discounts.")
    discount = AmountOutField(source="discount_minor")
    shipping = AmountOutField(source="shipping_minor")
    shipping_tax = AmountOutField(source="shipping_tax_minor")
    tax = AmountOutField(source="tax_minor")
    total = AmountOutField(source="total_minor")
    checkout_total = AmountOutField(source="checkout_total_minor", help_text="Before any edit.")
    refunded = AmountOutField(source="refunded_minor", help_text="Of lines and shipping.")
    shipping_refunded = AmountOutField(source="shipping_refunded_minor")
    tax_inclusive = serializers.BooleanField(source="is_tax_inclusive")
    backfill = serializers.BooleanField(source="is_backfill")

    class Meta:
        model = Order
        fields = [
            "id",
            "source",
            "external_id",
            "external_version",
            "number",
            "version",
            "status",
            "currency",
            "fx_rate",
            "tax_inclusive",
            "placed_at",
            "paid_at",
            "cancelled_at",
            "fulfilment_started_at",
            "fulfilled_at",
            "delivered_at",
            "customer",
            "lines",
            "items",
            "discount",
            "shipping_title",
            "shipping",
            "shipping_tax",
            "tax",
            "total",
            "checkout_total",
            "refunded",
            "shipping_refunded",
            "refunds",
            "shipping_address",
            "billing_address",
            "tenders",
            "window",
            "tags",
            "sales_channel",
            "landing_utm",
            "risk_level",
            "is_test",
            "backfill",
            "created_at",
            "updated_at",
        ]

    @extend_schema_field(WindowOut(allow_null=True))
    def get_window(self, order: Order) -> Any:
        window = getattr(order, "window", None)
        return None if window is None else WindowOut(window).data


class VariantOut(serializers.ModelSerializer[Variant]):
    price = AmountOutField(source="price_minor")
    cost = AmountOutField(source="cost_minor", allow_null=True)

    class Meta:
        model = Variant
        fields = [
            "id",
            "external_id",
            "sku",
            "title",
            "position",
            "currency",
            "price",
            "cost",
            "tax_rate_bp",
            "stock_quantity",
            "available_quantity",
            "is_active",
        ]


class ProductOut(serializers.ModelSerializer[Product]):
    variants = VariantOut(many=True)
    complement_ids = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = [
            "id",
            "source",
            "external_id",
            "title",
            "type",
            "collections",
            "tags",
            "picture_url",
            "is_consumable",
            "status",
            "variants",
            "complement_ids",
            "created_at",
            "updated_at",
        ]

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_complement_ids(self, product: Product) -> list[str]:
        ranked = sorted(product.complements.all(), key=lambda row: row.rank)
        return [str(row.complement_id) for row in ranked]
