"""Reads: rows into the facts of `portal.facts`."""

import uuid

from django.db.models import F, OuterRef, Q, Subquery

from editing.models import EditSession, Quote, SagaStep
from editing.rules import EditState, StepName
from editing.selectors import quote_latest
from merchants.models import Merchant
from orders.models import Address, EditWindow, Order, OrderLine, OrderTender, ProductComplement, Variant
from payments.rules import DeclineReason, decline_reason
from payments.selectors import is_saved_card
from portal import facts
from portal.facts import ChangeState

RESULTS = 12
_STATES = {
    EditState.DRAFT: ChangeState.DRAFT,
    EditState.COMMITTING: ChangeState.WORKING,
    EditState.COMPENSATING: ChangeState.WORKING,
    EditState.AWAITING_CUSTOMER: ChangeState.BANK,
    EditState.APPLIED: ChangeState.APPLIED,
    EditState.DECLINED: ChangeState.DECLINED,
    EditState.FAILED: ChangeState.UNDONE,
    EditState.EXPIRED: ChangeState.EXPIRED,
    EditState.ABANDONED: ChangeState.DROPPED,
    EditState.MANUAL_REVIEW: ChangeState.PERSON,
}


def shop_facts(merchant: Merchant) -> facts.Shop:
    return facts.Shop(
        name=merchant.name,
        locale=merchant.locale,
        time_zone=merchant.time_zone,
        brand_colour=merchant.brand_colour,
        address_line=merchant.address_line,
        support_email=merchant.support_email,
    )


def order_facts(order_id: uuid.UUID) -> facts.Order | None:
    """The order as its pages need it: four queries, however many lines."""
    orders = Order.objects.select_related("customer", "shipping_address", "window").prefetch_related("tenders")
    order = orders.filter(id=order_id).first()
    if order is None:
        return None
    lines = OrderLine.objects.filter(order_id=order_id).select_related("variant__product").order_by("position")
    saved = next((tender for tender in order.tenders.all() if is_saved_card(tender)), None)
    # The card that is shown is the one that would be charged.
    card = saved or next((t for t in order.tenders.all() if t.kind == OrderTender.Kind.CARD), None)
    return facts.Order(
        id=order.id,
        number=order.number,
        currency=order.currency,
        is_tax_inclusive=order.is_tax_inclusive,
        placed_at=order.placed_at,
        lines=tuple(_line(line) for line in lines),
        items_minor=order.items_minor,
        discount_minor=order.discount_minor,
        shipping_minor=order.shipping_minor,
        shipping_title=order.shipping_title,
        tax_minor=order.tax_minor,
        total_minor=order.total_minor,
        refunded_minor=order.refunded_minor,
        paid_at=order.paid_at,
        fulfilment_started_at=order.fulfilment_started_at,
        fulfilled_at=order.fulfilled_at,
        delivered_at=order.delivered_at,
        cancelled_at=order.cancelled_at,
        card=facts.Card(card.brand, card.last4) if card else None,
        is_chargeable=saved is not None,
        window=_window(order),
        recipient=_recipient(order),
    )


def items_search(
    *, order_id: uuid.UUID, currency: str, query: str, limit: int = RESULTS
) -> tuple[list[facts.Item], int]:
    """What the shop sells in the order's currency, and how many there are; what goes with the order comes first."""
    bought = OrderLine.objects.filter(order_id=order_id, variant__isnull=False).values("variant__product_id")
    rank = ProductComplement.objects.filter(complement=OuterRef("product_id"), product_id__in=bought)
    variants = Variant.objects.filter(is_active=True, currency=currency, product__status="active")
    for word in query.split():
        variants = variants.filter(
            Q(product__title__icontains=word)
            | Q(title__icontains=word)
            | Q(product__type__icontains=word)
            | Q(sku__icontains=word)
        )
    ranked = variants.annotate(rank=Subquery(rank.order_by("rank").values("rank")[:1])).order_by(
        F("rank").asc(nulls_last=True), "product__title", "product_id", "position"
    )
    found = [_item(variant) for variant in ranked.select_related("product")[:limit]]
    return found, len(found) if len(found) < limit else variants.count()


def quote_facts(quote: Quote) -> facts.Quote:
    variants = Variant.objects.filter(id__in=[line["variant_id"] for line in quote.lines]).select_related("product")
    pictures = {str(variant.id): variant.product.picture_url for variant in variants}
    return facts.Quote(
        id=quote.id,
        additions=tuple(
            facts.Addition(
                variant_id=uuid.UUID(line["variant_id"]),
                title=line["title"],
                variant_title=line["variant_title"],
                picture_url=pictures.get(line["variant_id"], ""),
                quantity=line["quantity"],
                unit_price_minor=line["unit_price_minor"],
            )
            for line in quote.lines
        ),
        tax_minor=quote.tax_minor,
        paid_minor=quote.new_total_minor - quote.due_minor,
        new_total_minor=quote.new_total_minor,
        due_minor=quote.due_minor,
        expires_at=quote.expires_at,
    )


def change_facts(session: EditSession) -> facts.Change:
    quote = quote_latest(session.pk)
    refusal = decline_reason(session.failure_code, session.failure_code)
    done = (step.name for step in session.steps.all() if step.state in (SagaStep.State.DONE, SagaStep.State.UNDONE))
    return facts.Change(
        id=session.pk,
        state=_STATES[EditState(session.state)],
        quote=quote_facts(quote) if quote else None,
        done=frozenset(StepName(name) for name in done),
        failure_code=session.failure_code,
        failure_text="" if refusal == DeclineReason.REFUSED else session.failure_message,
        deadline_at=session.deadline_at,
    )


def _item(variant: Variant) -> facts.Item:
    return facts.Item(
        product_id=variant.product_id,
        variant_id=variant.id,
        title=variant.product.title,
        variant_title=variant.title,
        picture_url=variant.product.picture_url,
        price_minor=variant.price_minor,
        left=variant.available_quantity,
    )


def _line(line: OrderLine) -> facts.Line:
    return facts.Line(
        title=line.title,
        variant_title=line.variant_title,
        picture_url=line.picture_url or (line.variant.product.picture_url if line.variant else ""),
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        is_added=line.origin == OrderLine.Origin.EDIT,
    )


def _window(order: Order) -> facts.Window | None:
    window: EditWindow | None = getattr(order, "window", None)
    if window is None:
        return None
    return facts.Window(
        is_open=window.state == EditWindow.State.OPEN,
        opened_at=window.opened_at,
        closes_at=window.closes_at,
        closed_at=window.closed_at,
        is_cut_short=window.state == EditWindow.State.PREEMPTED,
    )


def _recipient(order: Order) -> facts.Recipient | None:
    address: Address | None = order.shipping_address
    email = order.customer.email if order.customer else ""
    if address is None:
        return facts.Recipient("", "", "", email) if email else None
    region = " ".join(part for part in (address.region, address.postal_code) if part)
    place = ", ".join(part for part in (address.city, region, address.country) if part)
    return facts.Recipient(address.name, address.line1, place, email)
