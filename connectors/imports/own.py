"""Profiles of our own files: each column under its own name. Files of one's own making may leave out what they lack."""

from typing import Any

from connectors.columns import COLUMNS

# Sums over the lines that stand in the file for whoever reads it. Taken in, they would be shared out a second time.
_FOR_READING = {"orders": {"discount", "tax", "refunded"}}
_NEEDED = {
    "orders": {"external_id", "currency", "placed_at", "line_title", "line_quantity", "line_unit_price"},
    "customers": {"external_id"},
    "products": {"external_id", "title", "variant_price", "variant_currency"},
    "gift_cards": {"code", "currency", "balance"},
}


def _settings(kind: str) -> dict[str, Any]:
    for_reading = _FOR_READING.get(kind, set())
    names = [column.name for column in COLUMNS[kind] if column.name not in for_reading]
    return {
        "kind": kind,
        "columns": {name: name for name in names},
        "optional": [name for name in names if name not in _NEEDED[kind]],
        "unquotes_formulas": True,
    }


# Name → title and settings.
OWN_PROFILES: dict[str, tuple[str, dict[str, Any]]] = {
    "pro_orders": ("PRO orders", _settings("orders")),
    "pro_customers": ("PRO customers", _settings("customers")),
    "pro_products": ("PRO products", _settings("products")),
    "gift_card_balances": ("Gift card balances", _settings("gift_cards")),
}
