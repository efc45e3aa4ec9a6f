"""What this room keeps about a customer: the customer, addresses, and what orders say beyond goods and money."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from core.money import amount_text
from core.privacy.identity import Identity, fold
from core.privacy.registry import Keeper, Subject
from orders.models import Address, Customer, Order, OrderLine, OrderRevision, OrderTender
from orders.services.customers import normalise

CHUNK = 200
_TENDER = ("kind", "brand", "last4", "provider", "provider_customer", "provider_payment_method")
_PLACE = ("name", "line1", "line2", "city", "region", "postal_code")


def identity_of(customer: Customer, order_ids: Iterable[UUID]) -> Identity:
    """What the customer is known by in this room."""
    order_ids = frozenset(order_ids)
    addresses = list(Address.objects.filter(pk__in=address_ids(order_ids)))
    tenders = OrderTender.objects.filter(order_id__in=order_ids)
    names = {(customer.first_name.strip(), customer.last_name.strip())}
    for address in addresses:
        first, _, last = address.name.strip().rpartition(" ")
        names.add((first, last))
    identity = Identity(
        emails=_filled([customer.email]),
        names=frozenset(name for name in names if any(name)),
        phones=_filled([customer.phone]),
        external_ids=_filled([customer.external_id]),
        streets=_filled(address.line1 for address in addresses),
        ids=_filled(
            [
                str(customer.pk),
                *map(str, order_ids),
                *tenders.values_list("provider_customer", flat=True),
                *tenders.values_list("provider_payment_method", flat=True),
            ]
        ),
    )
    return identity.with_shared(_shared(customer, order_ids, identity))


def order_ids_of(customer: Customer) -> frozenset[UUID]:
    """Their orders, and those of guests, who have no id, in their very name at a place of theirs."""
    own = frozenset(Order.objects.filter(customer_id=customer.pk).values_list("pk", flat=True))
    same = Q(pk__in=())
    places = Address.objects.filter(pk__in=address_ids(own)).exclude(name="").exclude(line1="")
    for name, line1, postal_code in set(places.values_list("name", "line1", "postal_code")):
        if fold(name) == fold(customer.full_name):  # and not a shop where parcels are fetched
            same |= Q(name=name, line1=line1, postal_code=postal_code)
    theirs = Address.objects.filter(same).values("pk")
    payer = Q(billing_address__in=theirs) | Q(billing_address=None, shipping_address__in=theirs)
    return own | frozenset(Order.objects.filter(payer, customer=None).values_list("pk", flat=True))


def _filled(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text for text in texts if text)


def _shared(customer: Customer, order_ids: frozenset[UUID], identity: Identity) -> frozenset[str]:
    """What other customers of this shop are known by as well."""
    others = Customer.objects.exclude(pk=customer.pk)
    shared: set[str] = set()
    # Of those who got a gift, too.
    names = {normalise(" ".join(name)) for name in identity.names} | {customer.name_normalised}
    for email, name, phone, external_id in others.filter(
        (Q(email_normalised=customer.email_normalised) & ~Q(email_normalised=""))
        | Q(name_normalised__in=names - {""})
        | (Q(phone=customer.phone) & ~Q(phone=""))
        | Q(external_id=customer.external_id)
    ).values_list("email", "name_normalised", "phone", "external_id"):
        shared |= {fold(text) for text in (email, name, phone, external_id) if text}
    theirs = Order.objects.exclude(pk__in=order_ids).exclude(customer=customer)
    street = Address.objects.filter(line1__in=identity.streets).filter(
        Exists(theirs.filter(Q(shipping_address_id=OuterRef("pk")) | Q(billing_address_id=OuterRef("pk"))))
    )
    for line1, name in street.values_list("line1", "name"):
        shared |= {fold(line1), fold(name)}
    return frozenset(shared)


def address_ids(order_ids: Iterable[UUID]) -> set[UUID]:
    """Addresses on the orders now, and those that stood on them earlier."""
    found: set[UUID] = set()
    for pair in Order.objects.filter(pk__in=order_ids).values_list("shipping_address_id", "billing_address_id"):
        found |= {id_ for id_ in pair if id_}
    earlier = OrderRevision.objects.filter(order_id__in=order_ids)
    for pair in earlier.values_list("snapshot__shipping_address_id", "snapshot__billing_address_id").distinct():
        found |= {UUID(str(id_)) for id_ in pair if id_}
    return found


def _export_customer(subject: Subject) -> dict[str, Any]:
    customer = Customer.objects.get(pk=subject.customer_id)
    fields = (
        *("id", "source", "external_id", "email", "first_name", "last_name", "phone", "locale"),
        *("accepts_marketing", "consented_at", "consent_source", "created_at", "erased_at"),
    )
    addresses = Address.objects.filter(pk__in=address_ids(subject.order_ids)).order_by("pk")
    known = {name: getattr(customer, name) for name in fields}
    return {**known, "addresses_now_and_earlier": [_address(address) for address in addresses]}


def _export_orders(subject: Subject) -> list[dict[str, Any]]:
    orders = Order.objects.filter(pk__in=subject.order_ids).select_related("shipping_address", "billing_address")
    return [_order(order) for order in orders.prefetch_related("lines", "tenders", "refunds").order_by("placed_at")]


def _order(order: Order) -> dict[str, Any]:
    def amount(minor: int) -> str:
        return amount_text(minor, order.currency)

    moments = ("placed_at", "paid_at", "fulfilled_at", "delivered_at", "cancelled_at")
    return {
        "id": order.pk,
        "number": order.number,
        "external_id": order.external_id,
        **{name: getattr(order, name) for name in moments},
        "currency": order.currency,
        "total": amount(order.total_minor),
        "tax": amount(order.tax_minor),
        "shipping": amount(order.shipping_minor),
        "refunded": amount(order.refunded_minor),
        "lines": [_line(line, order.currency) for line in order.lines.all()],
        "shipping_address": _address(order.shipping_address),
        "billing_address": _address(order.billing_address),
        "paid_with": [
            {name: getattr(tender, name) for name in _TENDER} | {"amount": amount(tender.amount_minor)}
            for tender in order.tenders.all()
        ],
        "refunds": [{"at": r.refunded_at, "amount": amount(r.amount_minor)} for r in order.refunds.all()],
        "sales_channel": order.sales_channel,
        "came_from": order.landing_utm,
        "tags": order.tags,
        "risk_level": order.risk_level,
    }


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "title": f"{line.title} {line.variant_title}".strip(),
        "sku": line.sku,
        "quantity": line.quantity,
        "total": amount_text(line.total_minor, currency),
    }


def _address(address: Address | None) -> dict[str, str] | None:
    return None if address is None else {name: getattr(address, name) for name in (*_PLACE, "country")}


def _erase(subject: Subject) -> int:
    """Sums, lines, dates and the country stay: the books and the tax rest on them."""
    count = _erase_addresses(subject)
    count += OrderTender.objects.filter(order_id__in=subject.order_ids).update(
        provider_customer="", provider_payment_method="", last4="", redemption_ref=""
    )
    for order in Order.objects.filter(pk__in=subject.order_ids).iterator(CHUNK):
        count += _erase_texts(order, subject.identity)
    return count


def _erase_addresses(subject: Subject) -> int:
    elsewhere = Order.objects.exclude(pk__in=subject.order_ids)
    used = Q(shipping_address_id=OuterRef("pk")) | Q(billing_address_id=OuterRef("pk"))
    theirs = Q(pk__in=address_ids(subject.order_ids)) & ~Exists(elsewhere.filter(used))
    count = Address.objects.filter(theirs).update(**dict.fromkeys(_PLACE, ""))
    # Replaced before revisions named every address: nobody refers to them any more, no namesake's order either.
    full_names = [" ".join(name).strip() for name in subject.identity.names]
    unused = Address.objects.filter(Q(name__in=full_names) & ~Exists(Order.objects.filter(used)))
    left_over = set(unused.values_list("pk", flat=True)) - address_ids(subject.order_ids)
    return count + Address.objects.filter(pk__in=left_over - _told_of(left_over)).update(**dict.fromkeys(_PLACE, ""))


def _told_of(addresses: set[UUID]) -> set[UUID]:
    """Those of the addresses that some order had earlier."""
    if not addresses:
        return set()
    texts = [str(id_) for id_ in addresses]
    pairs = OrderRevision.objects.filter(
        Q(snapshot__shipping_address_id__in=texts) | Q(snapshot__billing_address_id__in=texts)
    ).values_list("snapshot__shipping_address_id", "snapshot__billing_address_id")
    return {UUID(str(id_)) for pair in pairs for id_ in pair if id_}


def _erase_texts(order: Order, identity: Identity) -> int:
    """Tags, campaign values and the like, where they hold something of the person."""
    kept_tags = [tag for tag in order.tags if not identity.is_named_in(str(tag))]
    kept_utm = {name: value for name, value in order.landing_utm.items() if not identity.is_named_in(f"{name}={value}")}
    kept_title = "" if identity.is_named_in(order.shipping_title) else order.shipping_title
    if (kept_tags, kept_utm, kept_title) == (order.tags, order.landing_utm, order.shipping_title):
        return 0
    return Order.objects.filter(pk=order.pk).update(tags=kept_tags, landing_utm=kept_utm, shipping_title=kept_title)


def _erase_customer(subject: Subject) -> int:
    """The row stays for the orders to refer to. Under another external id, so that the shop's next order is nobody's
    continuation."""
    return Customer.objects.filter(pk=subject.customer_id).update(
        external_id=f"erased-{subject.customer_id}",
        email="",
        email_normalised="",
        first_name="",
        last_name="",
        name_normalised="",
        phone="",
        locale="",
        accepts_marketing=False,
        consented_at=None,
        consent_source="",
    )


CUSTOMER = Keeper("customer", "Name and contact", _export_customer, _erase_customer)
ORDERS = Keeper("orders", "Orders with addresses and ways of paying", _export_orders, _erase)
