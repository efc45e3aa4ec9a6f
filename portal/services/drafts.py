"""A shopper's draft: reading it with its price, and starting again from a change that came to nothing."""

import uuid

from django.db.models import Q

from core.errors import DomainError
from editing.errors import EditEmpty, EditFinished, NotForSale
from editing.models import EditOperation, EditSession
from editing.selectors import edit_session_draft
from editing.services.drafts import edit_operation_set, edit_session_open, quote_current
from orders.services.revisions import Actor
from portal import facts
from portal.selectors import quote_facts


def draft_quote(*, order_id: uuid.UUID, actor: Actor) -> tuple[facts.Quote | None, list[str]]:
    """The actor's draft at today's price, and what had to be taken out because it is no longer for sale."""
    draft = edit_session_draft(order_id=order_id, actor_id=actor.id)
    if draft is None:
        return None, []
    dropped: list[str] = []
    try:
        dropped += _drop_unsold(draft)
        return quote_facts(quote_current(session_id=draft.pk)), dropped
    except (EditEmpty, EditFinished, NotForSale):  # it was confirmed, or sold no more, in this very moment
        return None, dropped


def _drop_unsold(draft: EditSession) -> list[str]:
    unsold = Q(variant__is_active=False) | ~Q(variant__product__status="active") | ~Q(variant__currency=draft.currency)
    titles = []
    for operation in EditOperation.objects.filter(unsold, session=draft).select_related("variant__product"):
        edit_operation_set(session_id=draft.pk, variant_id=operation.variant_id, quantity=0)
        titles.append(str(operation.variant))
    return titles


def draft_set(*, order_id: uuid.UUID, actor: Actor, variant_id: uuid.UUID, quantity: int) -> None:
    session = edit_session_open(order_id=order_id, actor=actor)
    edit_operation_set(session_id=session.pk, variant_id=variant_id, quantity=quantity)


def draft_from(*, session: EditSession, actor: Actor) -> None:
    """A new draft with the items of a change that came to nothing; what cannot be had any more is left out."""
    draft = edit_session_open(order_id=session.order_id, actor=actor)
    for operation in session.operations.all():
        try:
            edit_operation_set(session_id=draft.pk, variant_id=operation.variant_id, quantity=operation.quantity)
        except DomainError:
            continue
