"""Bodies shown on the docs page. Tests post them as they stand."""

from drf_spectacular.utils import OpenApiExample

ORDER_EXAMPLE = OpenApiExample(
    "A paid order",
    request_only=True,
    value={
        "source": "custom",
        "external_id": "536365",
        "number": "536365",
        "version": 1,
        "currency": "GBP",
        "placed_at": "2026-03-01T08:26:00Z",
        "paid_at": "2026-03-01T08:26:05Z",
        "tax_inclusive": True,
        "customer": {"external_id": "17850", "email": "ada@example.com", "first_name": "Ada", "last_name": "Moss"},
        "lines": [
            {
                "external_id": "1",
                "variant_external_id": "85123A",
                "sku": "85123A",
                "title": "White hanging heart",
                "quantity": 6,
                "unit_price": "2.55",
                "tax": "2.55",
                "tax_rate": "0.2000",
            }
        ],
        "shipping": {"title": "Standard", "price": "4.95"},
        "total": "20.25",
        "shipping_address": {
            "name": "Ada Moss",
            "line1": "12 Mill Lane",
            "city": "Leeds",
            "postal_code": "LS1 4AB",
            "country": "GB",
        },
        "tenders": [
            {
                "kind": "card",
                "provider": "stripe",
                "customer": "cus_123",
                "payment_method": "pm_123",
                "brand": "visa",
                "last4": "4242",
                "amount": "20.25",
                "captured": "20.25",
            }
        ],
    },
)

PRODUCT_EXAMPLE = OpenApiExample(
    "A product with one variant",
    request_only=True,
    value={
        "source": "custom",
        "external_id": "85123A",
        "title": "White hanging heart",
        "type": "Decoration",
        "collections": ["Home"],
        "tags": ["gift"],
        "variants": [
            {
                "external_id": "85123A",
                "sku": "85123A",
                "price": "2.55",
                "currency": "GBP",
                "cost": "1.10",
                "stock_quantity": 120,
                "tax_rate": "0.2000",
            }
        ],
    },
)

ORDER_BATCH_EXAMPLE = OpenApiExample("One paid order", request_only=True, value={"orders": [ORDER_EXAMPLE.value]})
PRODUCT_BATCH_EXAMPLE = OpenApiExample("One product", request_only=True, value={"products": [PRODUCT_EXAMPLE.value]})
CUSTOMER_BATCH_EXAMPLE = OpenApiExample(
    "One customer",
    request_only=True,
    value={"customers": [{"external_id": "17850", "email": "ada@example.com", "accepts_marketing": True}]},
)
RESULTS_EXAMPLE = OpenApiExample(
    "One stored, one refused",
    response_only=True,
    value={
        "results": [
            {
                "index": 0,
                "external_id": "536365",
                "status": "created",
                "id": "0198f000-0000-7000-8000-000000000000",
                "problem": None,
            },
            {
                "index": 1,
                "external_id": "536366",
                "status": "refused",
                "id": None,
                "problem": {
                    "code": "invalid",
                    "detail": "Refused: total",
                    "errors": {"total": ["This field is required."]},
                },
            },
        ],
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "refused": 1,
    },
)
