"""The fields that columns can be read as: those of our own files, and what only other systems' files have."""

from connectors.columns import COLUMNS

# Of orders in other systems' files, with what they mean.
FOREIGN = {
    "status": "Paid, pending, cancelled …: what each means is said by the profile's statuses.",
    "subtotal": "Goods after discount, before shipping. Discounts and the kind of tax are worked out from it.",
    "fee": "A fee of the whole order; a negative one is a discount.",
    "fee_tax": "The tax on it.",
    "payment_method": "In words; one that says gift card is a gift card.",
    "fulfilment_status": "Of the order: fulfilled, or anything else.",
    "customer_name": "First and last name in one.",
    "shipping_address_first_name": "With the last name it makes the addressee.",
    "shipping_address_last_name": "With the first name it makes the addressee.",
    "billing_address_first_name": "With the last name it makes the addressee.",
    "billing_address_last_name": "With the first name it makes the addressee.",
    "line_subtotal": "Of the whole line before discount; instead of a unit price.",
    "line_total": "Of the whole line after discount; instead of a discount.",
    "line_taxable": "Whether the order's tax is spread over this line too.",
    "line_fulfilment_status": "fulfilled, or anything else.",
}

FIELDS: dict[str, frozenset[str]] = {
    kind: frozenset(column.name for column in columns) | (frozenset(FOREIGN) if kind == "orders" else frozenset())
    for kind, columns in COLUMNS.items()
}

# Each of these, or one of each group, has a column or a constant.
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "orders": (
        ("external_id", "number"),
        ("placed_at",),
        ("line_quantity",),
        ("line_unit_price", "line_subtotal"),
        ("line_title", "line_sku"),
    ),
    "products": (("external_id",), ("title",), ("variant_price",)),
    "customers": (("external_id", "email"),),
    "gift_cards": (("code",), ("balance",)),
}
