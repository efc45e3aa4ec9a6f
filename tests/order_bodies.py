"""Bodies as a shop would send them."""

from typing import Any


def order_body(**changes: Any) -> dict[str, Any]:
    """A paid order of $20.25 placed two hours before noon."""
    return {
        "source": "custom",
        "external_id": "1001",
        "number": "1001",
        "version": 1,
        "currency": "USD",
        "placed_at": "2026-03-10T10:00:00Z",
        "paid_at": "2026-03-10T10:00:05Z",
        "tax_inclusive": True,
        "customer": {"external_id": "c1", "email": "Ada@Example.com", "first_name": "Ada"},
        "lines": [line_body()],
        "shipping": {"title": "Standard", "price": "4.95"},
        "total": "20.25",
        "shipping_address": {"name": "Ada Moss", "line1": "12 Mill Lane", "city": "Leeds", "country": "GB"},
        "tenders": [{"kind": "card", "brand": "visa", "last4": "4242", "amount": "20.25", "captured": "20.25"}],
        **changes,
    }


def line_body(**changes: Any) -> dict[str, Any]:
    return {"external_id": "1", "title": "Heart", "sku": "H1", "quantity": 6, "unit_price": "2.55", **changes}


def product_body(**changes: Any) -> dict[str, Any]:
    return {
        "external_id": "p1",
        "title": "Heart",
        "variants": [{"external_id": "v1", "price": "2.55", "currency": "USD", "stock_quantity": 10}],
        **changes,
    }
