"""Orders that are lived through: placed, window opened, perhaps changed and charged, window closed, packed.

Each moment is lived with the clock set to it, by the same services that a live shop uses.
"""

from datetime import datetime, timedelta

from core import clock, outbox
from devtools.demo.catalogue import minor
from devtools.demo.orders import SOURCE, card_tender
from devtools.demo.spec import EditPlan, OrderPlan
from devtools.saved_cards import ASKS_BANK, DECLINES, GOOD, SavedCards
from devtools.seed.inputs import order_input
from devtools.seed.progress import Progress
from editing.models import EditSession
from editing.services.commit import edit_commit
from editing.services.drafts import edit_operation_set, edit_session_open, quote_current
from editing.services.saga import saga_drive
from orders.inputs import LineFulfilment
from orders.models import EditWindow, Order, OrderLine, Variant
from orders.services.ingest import order_upsert
from orders.services.lifecycle import order_fulfilment_update
from orders.services.revisions import SYSTEM, Actor
from orders.services.windows import windows_sweep

# Orders that nobody changed yet: some have cards on which the other two ways can be tried.
UNTOUCHED_CARDS = (GOOD, DECLINES, ASKS_BANK)


def live_seed(plans: list[OrderPlan], cards: SavedCards, until: datetime, progress: Progress) -> None:
    """Live the plans in their order. Doing it again goes on where it stopped."""
    for index, plan in enumerate(plans):
        order = _place(plan, cards, UNTOUCHED_CARDS[index % len(UNTOUCHED_CARDS)])
        if plan.edit and not EditSession.objects.filter(order=order).exists():
            _edit(order, plan.placed_at + timedelta(minutes=plan.edit.minutes_after), plan.edit)
        _close(order, until)
        _pack(order, plan)
        progress.step()


def _place(plan: OrderPlan, cards: SavedCards, untouched_card: str) -> Order:
    known = Order.objects.filter(source=SOURCE, external_id=plan.payload["external_id"]).first()
    if known is not None:
        return known
    card = untouched_card
    if plan.edit:
        card = DECLINES if plan.edit.card == "declines" else GOOD
    person = plan.person
    saved = cards.save(email=person.email, name=f"{person.first_name} {person.last_name}", card=card)
    tender = card_tender(minor(plan.payload["total"]), saved.brand, saved.last4, saved.customer, saved.payment_method)
    # Paid some seconds after it was placed: the clock stands a little later.
    with clock.frozen(plan.placed_at + timedelta(minutes=1)):
        order = order_upsert(data=order_input({**plan.payload, "tenders": [tender]})).order
        outbox.dispatch_due()
    return order


def _edit(order: Order, at: datetime, plan: EditPlan) -> None:
    shopper = Actor("shopper", str(order.pk))
    with clock.frozen(at):
        session = edit_session_open(order_id=order.pk, actor=shopper)
        for pick in plan.additions:
            variant = Variant.objects.get(product__source=SOURCE, external_id=pick.variant.external_id)
            edit_operation_set(session_id=session.pk, variant_id=variant.pk, quantity=pick.quantity)
        quote = quote_current(session_id=session.pk)
    with clock.frozen(at + timedelta(minutes=1)):
        edit_commit(
            order_id=order.pk,
            quote_id=quote.pk,
            expected_due_minor=quote.due_minor,
            idempotency_key=f"demo-{session.pk}",
            actor=shopper,
        )
        saga_drive(session.pk)
        outbox.dispatch_due()


def _close(order: Order, until: datetime) -> None:
    window = EditWindow.objects.filter(order=order, state__in=EditWindow.LIVE, closes_at__lt=until).first()
    if window is not None:
        with clock.frozen(window.closes_at + timedelta(seconds=5)):
            windows_sweep()
            outbox.dispatch_due()


def _pack(order: Order, plan: OrderPlan) -> None:
    """What the warehouse and the carrier report, each when it happens. Reporting it again changes nothing."""
    steps = (
        ("started_at", plan.fulfilment_started_at),
        ("fulfilled_at", plan.fulfilled_at),
        ("delivered_at", plan.delivered_at),
    )
    for name, at in steps:
        if at is None:
            return
        with clock.frozen(at + timedelta(minutes=1)):
            lines = _all_sent(order) if name == "fulfilled_at" else []
            order_fulfilment_update(order_id=order.pk, actor=SYSTEM, lines=lines, **{name: at})
            outbox.dispatch_due()


def _all_sent(order: Order) -> list[LineFulfilment]:
    return [
        LineFulfilment(external_id=line.external_id, fulfilled_quantity=line.quantity)
        for line in OrderLine.objects.filter(order=order)
    ]
