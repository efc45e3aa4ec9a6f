"""API payloads of the demo generator as inputs of the services: seeding needs no web server."""

from datetime import datetime
from decimal import Decimal

from devtools.demo.catalogue import minor
from devtools.demo.spec import Payload
from orders.inputs import (
    AddressInput,
    CustomerInput,
    LineInput,
    OrderInput,
    ProductInput,
    TenderInput,
    VariantInput,
)

# Payload names that differ from the field of the input, and what is done with the value.
_VARIANT = {"price": "price_minor", "cost": "cost_minor"}
_LINE = {
    "unit_price": "unit_price_minor",
    "discount": "discount_minor",
    "tax": "tax_minor",
    "refunded": "refunded_minor",
}
_TENDER = {"amount": "amount_minor", "captured": "captured_minor"}
_TENDER_NAMES = {"customer": "provider_customer", "payment_method": "provider_payment_method"}
_TIMES = ("placed_at", "paid_at", "cancelled_at", "fulfilment_started_at", "fulfilled_at", "delivered_at")


def _basis_points(rate: str | None) -> int | None:
    return None if rate is None else int(Decimal(rate) * 10_000)


def _in_minor(payload: Payload, amounts: dict[str, str]) -> Payload:
    return {amounts.get(name, name): minor(value) if name in amounts else value for name, value in payload.items()}


def product_input(payload: Payload) -> ProductInput:
    rest = dict(payload)
    variants = rest.pop("variants")
    lists: Payload = {name: tuple(rest.pop(name)) for name in ("collections", "tags", "complements")}
    return ProductInput(variants=tuple(_variant(variant) for variant in variants), **lists, **rest)


def _variant(payload: Payload) -> VariantInput:
    rest = _in_minor(payload, _VARIANT)
    return VariantInput(tax_rate_bp=_basis_points(rest.pop("tax_rate")), **rest)


def customer_input(payload: Payload) -> CustomerInput:
    return CustomerInput(**payload)


def order_input(payload: Payload) -> OrderInput:
    rest = dict(payload)
    times: Payload = {name: _moment(rest.pop(name, None)) for name in _TIMES}
    shipping = rest.pop("shipping")
    return OrderInput(
        lines=tuple(_line(line) for line in rest.pop("lines")),
        tenders=tuple(_tender(tender) for tender in rest.pop("tenders")),
        customer=customer_input(rest.pop("customer")),
        total_minor=minor(rest.pop("total")),
        shipping_title=shipping["title"],
        shipping_minor=minor(shipping["price"]),
        shipping_tax_minor=minor(shipping["tax"]),
        tags=tuple(rest.pop("tags")),
        is_backfill=rest.pop("backfill"),
        shipping_address=AddressInput(**rest.pop("shipping_address")),
        **times,
        **rest,
    )


def _line(payload: Payload) -> LineInput:
    rest = _in_minor(payload, _LINE)
    return LineInput(tax_rate_bp=_basis_points(rest.pop("tax_rate")) or 0, **rest)


def _tender(payload: Payload) -> TenderInput:
    rest = _in_minor(payload, _TENDER)
    return TenderInput(**{_TENDER_NAMES.get(name, name): value for name, value in rest.items()})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
