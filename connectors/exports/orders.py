"""Orders, a row per line, oldest first.

What tells orders apart and what one sorts and filters by stands on each row, so that a spreadsheet can sort without
losing which order a line is of. Amounts of the order and all the rest stand on its first row only: a column of totals
then adds up to the truth, and our importer takes each field from the row that fills it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet

from connectors.columns import ORDER_COLUMNS
from connectors.exports.cells import flag, moment, number, plain, rate, record, text
from connectors.exports.stream import PAGE, Page, beyond
from core.money import amount_text
from orders.models import Address, Customer, Order, OrderLine, OrderRefund, OrderTender, Variant

Cells = dict[str, str]

_ADDRESS_PARTS = ("name", "line1", "line2", "city", "region", "postal_code", "country")
_REPEATED = tuple(column.name for column in ORDER_COLUMNS if column.repeats)


class OrderExport:
    """`is_personal` False leaves out the columns about the shopper."""

    kind: ClassVar[str] = "orders"

    def __init__(self, orders: QuerySet[Order], *, is_personal: bool = True) -> None:
        self.columns = tuple(column.name for column in ORDER_COLUMNS if is_personal or not column.is_personal)
        self._orders = orders.order_by("placed_at", "id")

    def page(self, after: tuple[Any, ...] | None) -> Page:
        wanted = self._orders if after is None else self._orders.filter(beyond(("placed_at", "id"), after))
        found = _read(wanted[:PAGE])
        last = (found[-1].order.placed_at, found[-1].order.pk) if len(found) == PAGE else None
        rows = [[cells.get(name, "") for name in self.columns] for whole in _settled(found) for cells in _rows(whole)]
        return Page(rows, len(found), last)


@dataclass(slots=True)
class _Whole:
    order: Order
    lines: list[OrderLine] = field(default_factory=list)
    tenders: list[OrderTender] = field(default_factory=list)
    refunds: list[OrderRefund] = field(default_factory=list)
    variants: Mapping[UUID, str] = field(default_factory=dict)
    """External ids by our own; those of a whole page."""


def _read(wanted: QuerySet[Order]) -> list[_Whole]:
    """Orders with their parts: one query for all lines, one for their variants, for all tenders, for all refunds."""
    related = ("customer", "shipping_address", "billing_address")
    wholes = {order.pk: _Whole(order) for order in wanted.select_related(None).select_related(*related)}
    for line in OrderLine.objects.filter(order_id__in=wholes).order_by("position", "external_id"):
        wholes[line.order_id].lines.append(line)
    # Joined to the lines, PostgreSQL would rather read all variants than look up those few.
    ids = {line.variant_id for whole in wholes.values() for line in whole.lines if line.variant_id}
    variants = dict(Variant.objects.filter(pk__in=ids).values_list("pk", "external_id"))
    for whole in wholes.values():
        whole.variants = variants
    for tender in OrderTender.objects.filter(order_id__in=wholes).order_by("position"):
        wholes[tender.order_id].tenders.append(tender)
    for refund in OrderRefund.objects.filter(order_id__in=wholes).order_by("refunded_at", "external_id"):
        wholes[refund.order_id].refunds.append(refund)
    return list(wholes.values())


def _settled(wholes: Collection[_Whole]) -> Iterator[_Whole]:
    """An order that was changed between those queries is read again, so that none is half of before, half of after."""
    settled = {whole.order.pk: whole for whole in wholes}
    doubtful = settled
    while changed := _changed(doubtful):
        doubtful = {whole.order.pk: whole for whole in _read(Order.objects.filter(pk__in=changed))}
        settled |= doubtful
    return iter(settled.values())


def _changed(wholes: Mapping[UUID, _Whole]) -> list[UUID]:
    versions = Order.objects.filter(pk__in=wholes).values_list("pk", "version")
    return [pk for pk, version in versions if wholes[pk].order.version != version]


def _rows(whole: _Whole) -> Iterator[Cells]:
    repeated: Cells = {}
    for line in whole.lines:
        if not repeated:
            first = _order_cells(whole)
            repeated = {name: first[name] for name in _REPEATED if name in first}
            yield first | _line_cells(line, whole)
        else:
            yield repeated | _line_cells(line, whole)


def _order_cells(whole: _Whole) -> Cells:
    order = whole.order
    currency = order.currency
    return {
        "source": text(order.source),
        "external_id": text(order.external_id),
        "number": text(order.number),
        "version": number(order.external_version),
        "currency": currency,
        "fx_rate": plain(order.fx_rate),
        "placed_at": moment(order.placed_at),
        "paid_at": moment(order.paid_at),
        "cancelled_at": moment(order.cancelled_at),
        "fulfilment_started_at": moment(order.fulfilment_started_at),
        "fulfilled_at": moment(order.fulfilled_at),
        "delivered_at": moment(order.delivered_at),
        "tax_inclusive": flag(order.is_tax_inclusive),
        "sales_channel": text(order.sales_channel),
        "tags": record(order.tags),
        "landing_utm": record(order.landing_utm),
        "risk_level": order.risk_level,
        "is_test": flag(order.is_test),
        "total": amount_text(order.total_minor, currency),
        "checkout_total": amount_text(order.checkout_total_minor, currency),
        "checkout_net": amount_text(order.checkout_net_minor, currency),
        "discount": amount_text(order.discount_minor, currency),
        "tax": amount_text(order.tax_minor, currency),
        "refunded": amount_text(order.refunded_minor, currency),
        "shipping_title": text(order.shipping_title),
        "shipping_price": amount_text(order.shipping_minor, currency),
        "shipping_tax": amount_text(order.shipping_tax_minor, currency),
        "shipping_refunded": amount_text(order.shipping_refunded_minor, currency),
        **_customer_cells(order.customer),
        **_address_cells("shipping", order.shipping_address),
        **_address_cells("billing", order.billing_address),
        "tenders": record([_tender(tender, currency) for tender in whole.tenders]),
        "refunds": record(_refunds(whole)),
    }


def _customer_cells(customer: Customer | None) -> Cells:
    if customer is None:
        return {}
    return {
        "customer_external_id": text(customer.external_id),
        "customer_email": text(customer.email),
        "customer_first_name": text(customer.first_name),
        "customer_last_name": text(customer.last_name),
        "customer_phone": text(customer.phone),
        "customer_locale": text(customer.locale),
        "customer_accepts_marketing": flag(customer.accepts_marketing),
    }


def _address_cells(which: str, address: Address | None) -> Cells:
    if address is None:
        return {}
    return {f"{which}_address_{part}": text(getattr(address, part)) for part in _ADDRESS_PARTS}


def _tender(tender: OrderTender, currency: str) -> dict[str, str]:
    values = {
        "kind": tender.kind,
        "provider": tender.provider,
        "customer": tender.provider_customer,
        "payment_method": tender.provider_payment_method,
        "brand": tender.brand,
        "last4": tender.last4,
        "amount": amount_text(tender.amount_minor, currency),
        "captured": amount_text(tender.captured_minor, currency),
        "redemption_ref": tender.redemption_ref,
    }
    return {name: value for name, value in values.items() if value}


def _refunds(whole: _Whole) -> list[dict[str, Any]]:
    external_ids = {str(line.pk): line.external_id for line in whole.lines}
    currency = whole.order.currency
    return [
        {
            "external_id": refund.external_id,
            "refunded_at": moment(refund.refunded_at),
            "shipping": amount_text(refund.shipping_minor, currency),
            "lines": [
                {
                    "line_external_id": external_ids[part["line_id"]],
                    "quantity": part["quantity"],
                    "amount": amount_text(part["amount_minor"], currency),
                }
                for part in refund.lines
            ],
        }
        for refund in whole.refunds
    ]


def _line_cells(line: OrderLine, whole: _Whole) -> Cells:
    currency = whole.order.currency
    return {
        "line_external_id": text(line.external_id),
        "line_variant_external_id": text(whole.variants[line.variant_id]) if line.variant_id else "",
        "line_sku": text(line.sku),
        "line_title": text(line.title),
        "line_variant_title": text(line.variant_title),
        "line_picture_url": text(line.picture_url),
        "line_quantity": number(line.quantity),
        "line_unit_price": amount_text(line.unit_price_minor, currency),
        "line_discount": amount_text(line.discount_minor, currency),
        "line_tax": amount_text(line.tax_minor, currency),
        "line_tax_rate": rate(line.tax_rate_bp),
        "line_fulfilled_quantity": number(line.fulfilled_quantity),
        "line_in_progress_quantity": number(line.in_progress_quantity),
        "line_refunded_quantity": number(line.refunded_quantity),
        "line_refunded": amount_text(line.refunded_minor, currency),
        "line_edit_id": str(line.edit_id or ""),
    }
