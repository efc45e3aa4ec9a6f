"""The profiles that every shop begins with."""

from dataclasses import dataclass
from typing import Any

from connectors.imports.own import OWN_PROFILES
from connectors.imports.profile import Profile


@dataclass(frozen=True, slots=True)
class Shipped:
    title: str
    profile: Profile


# The columns of the UCI Online Retail set. Its rules: docs/importing.md.
_ONLINE_RETAIL: dict[str, Any] = {
    "kind": "orders",
    "source": "online_retail",
    "date_formats": ["iso", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"],
    "time_zone": "Europe/London",
    "currency": "GBP",
    "columns": {
        "external_id": ["InvoiceNo", "Invoice"],
        "placed_at": "InvoiceDate",
        "paid_at": "InvoiceDate",
        "line_sku": "StockCode",
        "line_title": "Description",
        "line_quantity": "Quantity",
        "line_unit_price": ["UnitPrice", "Price"],
        "customer_external_id": ["CustomerID", "Customer ID"],
        "shipping_address_country": "Country",
    },
    "refund_field": "external_id",
    "refund_prefix": "C",
    "ignored_prefixes": ["A"],
    "postage_codes": ["POST", "DOT", "C2"],
    "non_goods": ["M", "D", "S", "B", "CRUK", "AMAZONFEE", "BANK CHARGES", "gift_0001_*", "ADJUST*", "TEST*"],
    "zero_price": "correction",
    "tax_inclusive": "true",
    "creates_products": True,
}


def _address(which: str, prefix: str, parts: dict[str, str]) -> dict[str, str]:
    return {f"{which}_address_{part}": f"{prefix}{column}" for part, column in parts.items()}


_SHOPIFY_ADDRESS = {
    "name": "Name",
    "line1": "Address1",
    "line2": "Address2",
    "city": "City",
    "region": "Province",
    "postal_code": "Zip",
    "country": "Country",
}
# Orders > Export in Shopify's admin: a row for each line item, the order's fields on its first row.
_SHOPIFY: dict[str, Any] = {
    "kind": "orders",
    "source": "shopify",
    "date_formats": ["%Y-%m-%d %H:%M:%S %z", "iso"],
    "group_by": "number",
    "columns": {
        "external_id": "Id",
        "number": "Name",
        "customer_email": "Email",
        "status": "Financial Status",
        "paid_at": "Paid at",
        "fulfilment_status": "Fulfillment Status",
        "fulfilled_at": "Fulfilled at",
        "customer_accepts_marketing": "Accepts Marketing",
        "currency": "Currency",
        "subtotal": "Subtotal",
        "shipping_price": "Shipping",
        "tax": "Taxes",
        "total": "Total",
        "discount": "Discount Amount",
        "shipping_title": "Shipping Method",
        "placed_at": "Created at",
        "line_quantity": "Lineitem quantity",
        "line_title": "Lineitem name",
        "line_unit_price": "Lineitem price",
        "line_sku": "Lineitem sku",
        "line_taxable": "Lineitem taxable",
        "line_fulfilment_status": "Lineitem fulfillment status",
        "line_discount": "Lineitem discount",
        "customer_name": "Billing Name",
        "customer_phone": ["Phone", "Billing Phone"],
        "cancelled_at": "Cancelled at",
        "payment_method": "Payment Method",
        "refunded": "Refunded Amount",
        "tags": "Tags",
        "risk_level": "Risk Level",
        "sales_channel": "Source",
        **_address("shipping", "Shipping ", _SHOPIFY_ADDRESS),
        **_address("billing", "Billing ", _SHOPIFY_ADDRESS),
    },
    "tax_inclusive": "infer",
    "statuses": {
        "paid": "paid",
        "partially_paid": "unpaid",
        "partially_refunded": "paid",
        "refunded": "paid",
        "pending": "unpaid",
        "authorized": "unpaid",
        "voided": "unpaid",
        "expired": "unpaid",
    },
}
_SHOPIFY_NEEDED = (
    "number",
    "placed_at",
    "currency",
    "subtotal",
    "shipping_price",
    "tax",
    "total",
    "discount",
    "status",
)

_WOOCOMMERCE_ADDRESS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "line1": "address_1",
    "line2": "address_2",
    "city": "city",
    "region": "state",
    "postal_code": "postcode",
    "country": "country",
}
# "Default – One Row per Item" of the extension Customer/Order/Coupon Export (SkyVerge, sold on woocommerce.com).
# The order's fields stand on every row; amounts of items are without tax.
_WOOCOMMERCE: dict[str, Any] = {
    "kind": "orders",
    "source": "woocommerce",
    "date_formats": ["iso", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S"],
    "columns": {
        "external_id": "order_id",
        "number": ["order_number_formatted", "order_number"],
        "placed_at": ["date", "order_date"],
        "status": "status",
        "shipping_price": "shipping_total",
        "shipping_tax": "shipping_tax_total",
        "fee": "fee_total",
        "fee_tax": "fee_tax_total",
        "total": "order_total",
        "refunded": "refunded_total",
        "currency": "order_currency",
        "payment_method": "payment_method",
        "shipping_title": "shipping_method",
        "customer_external_id": "customer_id",
        "customer_email": "billing_email",
        "customer_first_name": "billing_first_name",
        "customer_last_name": "billing_last_name",
        "customer_phone": "billing_phone",
        "line_external_id": "item_id",
        "line_variant_external_id": "item_product_id",
        "line_title": "item_name",
        "line_sku": "item_sku",
        "line_quantity": "item_quantity",
        "line_subtotal": "item_subtotal",
        "line_total": "item_total",
        "line_tax": "item_total_tax",
        "line_refunded_quantity": "item_refunded_qty",
        **_address("shipping", "shipping_", _WOOCOMMERCE_ADDRESS),
        **_address("billing", "billing_", _WOOCOMMERCE_ADDRESS),
    },
    "empty_values": {"customer_external_id": ["0"], "line_variant_external_id": ["0"]},
    "statuses": {
        "completed": "paid",
        "processing": "paid",
        "refunded": "paid",
        "on-hold": "unpaid",
        "pending": "unpaid",
        "failed": "unpaid",
        "checkout-draft": "ignored",
        "cancelled": "cancelled",
    },
}
_WOOCOMMERCE_NEEDED = (
    *("external_id", "placed_at", "status", "total", "currency", "shipping_price", "shipping_tax"),
    *("line_total", "line_tax"),
)


def _with_optional(settings: dict[str, Any], needed: tuple[str, ...]) -> Profile:
    """All but the needed columns may be missing: exports differ between versions and settings."""
    always = {"line_quantity", "line_unit_price", "line_title", *needed}
    return Profile.parse({**settings, "optional": [name for name in settings["columns"] if name not in always]})


BUILTINS: dict[str, Shipped] = {
    **{name: Shipped(title, Profile.parse(settings)) for name, (title, settings) in OWN_PROFILES.items()},
    "online_retail": Shipped("Online Retail", Profile.parse(_ONLINE_RETAIL)),
    "shopify_orders": Shipped("Shopify orders", _with_optional(_SHOPIFY, _SHOPIFY_NEEDED)),
    "woocommerce_orders": Shipped("WooCommerce orders", _with_optional(_WOOCOMMERCE, _WOOCOMMERCE_NEEDED)),
}
