"""The columns of our own files, in their order: exports write them, the built-in profiles read them.

Amounts are decimal text with exactly the currency's decimals ("12.50" GBP, "1250" JPY), times ISO 8601 in UTC, truth
values "true" and "false", lists and records JSON.
"""

from dataclasses import dataclass

# A spreadsheet takes a cell that begins with one of these for a formula. Ours begin with an apostrophe then; so that
# the reader can take it off again without guessing, a text that begins with an apostrophe gets one too.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")

# Keys of the JSON in `tenders` and `refunds`: those of the API. Keys without a value are left out.
TENDER_KEYS = (
    "kind",
    "provider",
    "customer",
    "payment_method",
    "brand",
    "last4",
    "amount",
    "captured",
    "redemption_ref",
)
REFUND_KEYS = ("external_id", "refunded_at", "shipping", "lines")
REFUND_LINE_KEYS = ("line_external_id", "quantity", "amount")


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is text, code (a fixed word), amount, number, rate, time, flag or json; only texts can be mistaken for
    formulas. `repeats` is for orders: the value stands on each row of the order, not on its first alone.
    """

    name: str
    kind: str
    meaning: str
    repeats: bool = False
    is_personal: bool = False


def _address(which: str, words: str) -> tuple[Column, ...]:
    parts = (
        ("name", "Addressee."),
        ("line1", "Street and house."),
        ("line2", "Second line."),
        ("city", "Town."),
        ("region", "State or province."),
        ("postal_code", "Postal code."),
        ("country", "Two letters: GB."),
    )
    return tuple(
        Column(f"{which}_address_{part}", "text", f"{words}: {meaning}", is_personal=True) for part, meaning in parts
    )


ORDER_COLUMNS = (
    Column("source", "text", "The system that the order comes from.", repeats=True),
    Column("external_id", "text", "The order's id there. Rows with the same one are one order.", repeats=True),
    Column("number", "text", "What the shopper knows it by.", repeats=True),
    Column("version", "number", "The shop's version; an older one never overwrites a newer one."),
    Column("currency", "code", "ISO 4217: GBP.", repeats=True),
    Column("fx_rate", "rate", "Units of your currency for one unit; needed when the currencies differ."),
    Column("placed_at", "time", "When it was placed.", repeats=True),
    Column("paid_at", "time", "When it was paid; empty: not paid.", repeats=True),
    Column("cancelled_at", "time", "When it was cancelled; empty: not cancelled.", repeats=True),
    Column("fulfilment_started_at", "time", "When packing began."),
    Column("fulfilled_at", "time", "When all was sent."),
    Column("delivered_at", "time", "When all arrived."),
    Column("tax_inclusive", "flag", "Whether prices hold their tax."),
    Column("sales_channel", "text", "web, pos, marketplace …", repeats=True),
    Column("tags", "json", "List of texts."),
    Column("landing_utm", "json", "Names and values of the address that the shopper came in by."),
    Column("risk_level", "code", "unknown, low, medium or high."),
    Column("is_test", "flag", "Whether it counts nowhere."),
    Column("total", "amount", "What the order adds up to. It must equal the sum of lines and shipping."),
    Column("checkout_total", "amount", "The total at checkout, before anything was added."),
    Column("checkout_net", "amount", "Goods at checkout after discount, without tax and shipping."),
    Column("discount", "amount", "Sum over the lines, for reading. The lines' own are what is imported."),
    Column("tax", "amount", "Sum over lines and shipping, for reading."),
    Column("refunded", "amount", "Sum over lines and shipping, for reading."),
    Column("shipping_title", "text", "The way of delivery."),
    Column("shipping_price", "amount", "Price of the delivery."),
    Column("shipping_tax", "amount", "Tax of the delivery."),
    Column("shipping_refunded", "amount", "What was given back of the delivery."),
    Column(
        "customer_external_id",
        "text",
        "The customer's id in the source; empty: the e-mail address is it, or a guest.",
        True,
        True,
    ),
    Column("customer_email", "text", "The customer's e-mail address.", is_personal=True),
    Column("customer_first_name", "text", "The customer's first name.", is_personal=True),
    Column("customer_last_name", "text", "The customer's last name.", is_personal=True),
    Column("customer_phone", "text", "The customer's telephone number.", is_personal=True),
    Column("customer_locale", "text", "The customer's language: en-GB.", is_personal=True),
    Column("customer_accepts_marketing", "flag", "Whether the customer wants news.", is_personal=True),
    *_address("shipping", "Delivery address"),
    *_address("billing", "Invoice address"),
    Column("tenders", "json", "How it was paid, a record each: " + ", ".join(TENDER_KEYS) + ".", is_personal=True),
    Column(
        "refunds",
        "json",
        f"What was given back, a record each: {', '.join(REFUND_KEYS)}; each of the lines: "
        f"{', '.join(REFUND_LINE_KEYS)}.",
    ),
    Column("line_external_id", "text", "The line's id within the order.", repeats=True),
    Column("line_variant_external_id", "text", "The variant's id in the source; empty: not in the catalogue.", True),
    Column("line_sku", "text", "Stock-keeping unit.", repeats=True),
    Column("line_title", "text", "Name of the product.", repeats=True),
    Column("line_variant_title", "text", "Size, colour.", repeats=True),
    Column("line_picture_url", "text", "Address of a picture.", repeats=True),
    Column("line_quantity", "number", "Ordered.", repeats=True),
    Column("line_unit_price", "amount", "Per unit, before discount.", repeats=True),
    Column("line_discount", "amount", "Of the whole line.", repeats=True),
    Column("line_tax", "amount", "Of the whole line.", repeats=True),
    Column("line_tax_rate", "rate", "0.2000 is 20 %.", repeats=True),
    Column("line_fulfilled_quantity", "number", "Sent.", repeats=True),
    Column("line_in_progress_quantity", "number", "Being picked or packed.", repeats=True),
    Column("line_refunded_quantity", "number", "Given back.", repeats=True),
    Column("line_refunded", "amount", "Money given back of this line.", repeats=True),
    Column("line_edit_id", "code", "The change that added it after checkout; empty: bought at checkout.", repeats=True),
)

CUSTOMER_COLUMNS = (
    Column("source", "text", "The system that the customer comes from."),
    Column("external_id", "text", "The customer's id there."),
    Column("email", "text", "E-mail address."),
    Column("first_name", "text", "First name."),
    Column("last_name", "text", "Last name."),
    Column("phone", "text", "Telephone number."),
    Column("locale", "text", "Language: en-GB."),
    Column("accepts_marketing", "flag", "Whether the customer wants news; empty: not known."),
    Column("consented_at", "time", "When the customer agreed to it."),
    Column("consent_source", "text", "Where: checkout, newsletter form …"),
    Column("created_at", "time", "Since when the customer is known."),
    Column("suppressed", "code", "Why we never write to the address: unsubscribed, bounced, complained or manual."),
)

PRODUCT_COLUMNS = (
    Column("source", "text", "The system that the product comes from.", repeats=True),
    Column("external_id", "text", "The product's id there. Rows with the same one are one product.", repeats=True),
    Column("title", "text", "Name.", repeats=True),
    Column("type", "text", "Kind of product.", repeats=True),
    Column("collections", "json", "List of texts.", repeats=True),
    Column("tags", "json", "List of texts.", repeats=True),
    Column("picture_url", "text", "Address of a picture.", repeats=True),
    Column("is_consumable", "flag", "Whether it is used up and bought again.", repeats=True),
    Column("status", "code", "active or archived.", repeats=True),
    Column("complements", "json", "external_ids of products that go with it, best first.", repeats=True),
    Column("variant_external_id", "text", "The variant's id.", repeats=True),
    Column("variant_sku", "text", "Stock-keeping unit.", repeats=True),
    Column("variant_title", "text", "Size, colour; empty for the only variant.", repeats=True),
    Column("variant_position", "number", "Its place among the variants.", repeats=True),
    Column("variant_price", "amount", "Price.", repeats=True),
    Column("variant_currency", "code", "ISO 4217: GBP.", repeats=True),
    Column("variant_cost", "amount", "What one unit costs you.", repeats=True),
    Column("variant_tax_rate", "rate", "0.2000 is 20 %; empty: as on the order.", repeats=True),
    Column("variant_stock_quantity", "number", "Empty: not counted.", repeats=True),
    Column("variant_is_active", "flag", "Whether it is on sale.", repeats=True),
)

GIFT_CARD_COLUMNS = (
    Column("code", "text", "The whole code, as it stands on the card."),
    Column("currency", "code", "ISO 4217: GBP."),
    Column("balance", "amount", "What is left on it."),
    Column("issued_at", "time", "When it was issued; empty: not known."),
    Column("expires_at", "time", "When it ends; empty: never."),
    Column("customer_external_id", "text", "Whose it is, by the source's id."),
    Column("customer_email", "text", "Whose it is, by e-mail address."),
    Column("note", "text", "For your staff."),
)

COLUMNS = {
    "orders": ORDER_COLUMNS,
    "customers": CUSTOMER_COLUMNS,
    "products": PRODUCT_COLUMNS,
    "gift_cards": GIFT_CARD_COLUMNS,
}
