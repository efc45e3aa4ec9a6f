"""The shopper presses the button: the change is admitted to the window and its saga begins."""

import uuid
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Sum

from core import clock
from core.money import exponent, to_decimal
from core.tenancy import require_merchant_id
from editing.errors import ChargeLimitExceeded, CommitKeyReused, EditFinished, QuoteExpired, QuoteStale
from editing.locks import lock_session
from editing.models import EditSession, Quote, SagaStep
from editing.rules import HOLDING_STATES, EditState, steps_for
from editing.services.transitions import publish, session_move
from merchants.models import Merchant
from orders.locks import lock_order
from orders.models import Order
from orders.services.revisions import Actor
from orders.services.windows import window_admit

# A change that could not be finished by then is undone, so that the order can be packed.
DEADLINE = timedelta(minutes=15)


def edit_commit(
    *,
    order_id: uuid.UUID,
    quote_id: uuid.UUID,
    expected_due_minor: int,
    idempotency_key: str,
    actor: Actor,
) -> EditSession:
    """Admit the quoted change; `editing.services.saga.saga_drive` then carries it out.

    The same key with the same quote gives the same edit again. `expected_due_minor` is the amount that the shopper saw.
    Raises OrderNotFound, EditNotFound, EditFinished, QuoteExpired, QuoteStale, CommitKeyReused, ChargeLimitExceeded,
    WindowClosed, EditUnderWay.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        quote = Quote.objects.filter(pk=quote_id, session__order_id=order_id).first()
        if quote is None:
            raise QuoteStale
        earlier = EditSession.objects.filter(order=order, idempotency_key=idempotency_key).first()
        if earlier is not None:
            if earlier.pk != quote.session_id:
                raise CommitKeyReused
            return earlier
        session = lock_session(quote.session_id)
        _check_quote(session, quote, order, expected_due_minor)
        if actor.type == "shopper":
            _check_charge_limit(order, quote.due_minor)
        window_admit(order_id=order_id, edit_id=session.pk)
        _begin(session, quote, idempotency_key, actor)
        return session


def _check_quote(session: EditSession, quote: Quote, order: Order, expected_due_minor: int) -> None:
    if session.state != EditState.DRAFT:
        raise EditFinished
    if quote.expires_at <= clock.now():
        raise QuoteExpired
    newest = Quote.objects.filter(session=session).order_by("-created_at").values_list("pk", flat=True).first()
    if newest != quote.pk or quote.order_version != order.version or quote.due_minor != expected_due_minor:
        raise QuoteStale


def _check_charge_limit(order: Order, due_minor: int) -> None:
    """A link alone may charge only so much per order: whoever found it has not proved who they are."""
    merchant = Merchant.objects.get(pk=require_merchant_id())
    charged = EditSession.objects.filter(order=order, state__in=[*HOLDING_STATES, EditState.APPLIED])
    total = due_minor + (charged.aggregate(total=Sum("due_minor"))["total"] or 0)
    in_shops_currency = to_decimal(total, order.currency) * order.fx_rate
    rounded = in_shops_currency.quantize(Decimal(1).scaleb(-exponent(merchant.currency)), ROUND_HALF_UP)
    if rounded > merchant.link_charge_limit:
        raise ChargeLimitExceeded(limit=f"{merchant.link_charge_limit} {merchant.currency}")


def _begin(session: EditSession, quote: Quote, idempotency_key: str, actor: Actor) -> None:
    at = clock.now()
    session.idempotency_key = idempotency_key
    session.due_minor = quote.due_minor
    session.admitted_at = at
    session.deadline_at = at + DEADLINE
    session.next_drive_at = at
    SagaStep.objects.bulk_create(
        SagaStep(session=session, position=position, name=name)
        for position, name in enumerate(steps_for(quote.due_minor))
    )
    session_move(session, EditState.COMMITTING, reason="confirmed", actor=actor)
    publish(session, "edit.committed")
