"""Edits as staff see them: on the order page with each step, in a list of their own, and in "Needs a person"."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from core.admin.filters import DayFilter, OneOf, StateFilter
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import (
    Action,
    Column,
    Context,
    Panel,
    Todo,
    add_action,
    add_column,
    add_filter,
    add_panel,
    add_todo,
    register,
)
from core.admin.tags import tag
from core.admin.words import Words, words_of
from editing.models import EditOperation, EditSession, Quote, SagaStep
from editing.rules import EditState, StepName
from editing.selectors import edit_session_list_for_order
from editing.services.resume import edit_retry
from orders.models import Order
from orders.services.revisions import Actor

PAGE = "editing.EditSession"
ORDER = "orders.Order"

_TONES = {
    EditState.COMMITTING: "info",
    EditState.AWAITING_CUSTOMER: "warn",
    EditState.COMPENSATING: "warn",
    EditState.APPLIED: "ok",
    EditState.DECLINED: "bad",
    EditState.FAILED: "bad",
    EditState.EXPIRED: "",
    EditState.MANUAL_REVIEW: "bad",
}
_STEPS = {
    StepName.RESERVE: "Stock reserved",
    StepName.AUTHORISE: "Card authorisation",
    StepName.APPLY: "Change of the order",
    StepName.CAPTURE: "Capture",
}
# How a step looks: the classes of the step list.
_LOOKS = {
    SagaStep.State.WAITING: "todo",
    SagaStep.State.STARTED: "now",
    SagaStep.State.DONE: "done",
    SagaStep.State.FAILED: "bad",
    SagaStep.State.UNDONE: "done",
}
# Finished well: these stay folded, everything else is worth a look.
_QUIET = (EditState.APPLIED, EditState.EXPIRED)


def _tag(session: EditSession) -> SafeString:
    return tag(session.get_state_display(), _TONES.get(EditState(session.state), ""))


def _step(step: SagaStep, session: EditSession, words: Words) -> dict[str, Any]:
    name = _STEPS[StepName(step.name)]
    notes = []
    if step.state == SagaStep.State.UNDONE:
        notes.append("Undone.")
    if step.attempts > 1:
        notes.append(f"{step.attempts} attempts.")
    if step.name == StepName.AUTHORISE and session.state == EditState.AWAITING_CUSTOMER:
        notes.append("The bank asks the shopper to confirm.")
        if session.deadline_at:
            notes.append(f"Undone if not finished by {words.time(session.deadline_at)}.")
    if step.state == SagaStep.State.FAILED and session.failure_code:
        notes.append(f"{session.failure_code}.")
    at = step.finished_at or step.started_at
    return {
        "look": _LOOKS[SagaStep.State(step.state)],
        "name": name,
        "state": step.get_state_display(),
        "at": words.time(at) if at else "–",
        "note": " ".join(notes),
    }


def _items(sessions: Sequence[EditSession]) -> dict[UUID, str]:
    """What each edit adds, in words; one query for all."""
    parts: dict[UUID, list[str]] = {}
    for operation in EditOperation.objects.filter(session__in=[s.pk for s in sessions]).select_related(
        "variant__product"
    ):
        parts.setdefault(operation.session_id, []).append(f"+{operation.quantity} {operation.variant}")
    return {session_id: ", ".join(names) for session_id, names in parts.items()}


def _edit(session: EditSession, items: str, title: str, words: Words) -> dict[str, Any]:
    return {
        "title": title,
        "tag": _tag(session),
        "items": items,
        "amount": words.signed(session.due_minor, session.currency),
        "is_open": EditState(session.state) not in _QUIET,
        "steps": [_step(step, session, words) for step in session.steps.all()],
        "ending": session.failure_message,
        "url": reverse("admin:editing_editsession_change", args=[session.pk]),
    }


def _edits_of_order(request: HttpRequest, order: Order) -> Context | None:
    sessions = edit_session_list_for_order(order.pk)
    if not sessions:
        return None
    words, items = words_of(request), _items(sessions)
    return {
        "heading": "Edits",
        "edits": [
            _edit(session, items.get(session.pk, ""), f"Edit {len(sessions) - index}", words)
            for index, session in enumerate(sessions)
        ],
    }


def _steps_of_edit(request: HttpRequest, session: EditSession) -> Context:
    words = words_of(request)
    edit = _edit(session, _items([session]).get(session.pk, ""), "Steps", words)
    return {"heading": "Change", "edits": [{**edit, "is_open": True, "url": ""}]}


def _facts_of_edit(request: HttpRequest, session: EditSession) -> Context:
    words = words_of(request)
    quote = Quote.objects.filter(session_id=session.pk).order_by("-created_at").first()
    facts = [
        ("Made by", session.actor_type.capitalize()),
        ("Begun", words.moment(session.created_at)),
        ("Admitted", words.moment(session.admitted_at)),
        ("Finished", words.moment(session.finished_at)),
    ]
    if quote is not None:
        facts.append(("New total", words.money(quote.new_total_minor, quote.currency)))
        facts.append(("Due", words.money(quote.due_minor, quote.currency)))
    return {
        "title": f"Order {session.order.number}",
        "url": reverse("admin:orders_order_change", args=[session.order_id]),
        "facts": facts,
    }


def _transitions_of_edit(request: HttpRequest, session: EditSession) -> Context:
    words = words_of(request)
    names = dict(EditSession.State.choices)
    return {
        "events": [
            {"at": words.moment(t.at, "medium"), "text": names.get(t.after, t.after), "note": t.reason}
            for t in session.transitions.all()
        ]
    }


class BegunFilter(DayFilter):
    title = "begun"
    parameter_name = "begun"
    field = "created_at"


@register(EditSession)
class EditAdmin(ObjectPageAdmin[EditSession]):
    menu_name = "Edits"
    list_filter = (StateFilter, BegunFilter)
    ordering = ("-created_at", "-id")
    list_empty = "No shopper has changed an order yet. The link to an order page is in its confirmation mail."

    def get_queryset(self, request: HttpRequest) -> QuerySet[EditSession]:
        return super().get_queryset(request).select_related("order")

    def object_title(self, obj: EditSession) -> str:
        return f"Edit of order {obj.order.number}"

    def object_tags(self, request: HttpRequest, obj: EditSession) -> Sequence[tuple[str, str]]:
        return [(_TONES.get(EditState(obj.state), ""), obj.get_state_display())]


class EditedFilter(OneOf):
    title = "edits"
    parameter_name = "edits"
    options = (
        ("review", "Needs a person"),
        ("waiting", "Waiting for shopper"),
        ("edited", "Edited"),
        ("none", "None"),
    )

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        edits = EditSession.objects.filter(order_id=OuterRef("pk"))
        if value == "review":
            return queryset.filter(Exists(edits.filter(state=EditState.MANUAL_REVIEW)))
        if value == "waiting":
            return queryset.filter(Exists(edits.filter(state=EditState.AWAITING_CUSTOMER)))
        # As a value, not a join: orders are edited or not by the thousand, and the newest fifty are shown.
        queryset = queryset.alias(applied=Subquery(edits.filter(state=EditState.APPLIED).values("pk")[:1]))
        return queryset.filter(applied__isnull=value == "none")


def _order_tags(request: HttpRequest, orders: Sequence[Order]) -> Mapping[UUID, SafeString]:
    """The edit that matters most on each order: one that waits for somebody, else that there was one."""
    rank = [EditState.MANUAL_REVIEW, EditState.AWAITING_CUSTOMER, EditState.COMMITTING, EditState.APPLIED]
    best: dict[UUID, EditState] = {}
    rows = EditSession.objects.filter(order_id__in=[order.pk for order in orders], state__in=rank)
    for order_id, state in rows.values_list("order_id", "state"):
        best[order_id] = min(best.get(order_id, EditState(state)), EditState(state), key=rank.index)
    labels = {**dict(EditSession.State.choices), EditState.APPLIED: "Edited"}
    return {order_id: tag(str(labels[state]), _TONES[state]) for order_id, state in best.items()}


def _numbers(request: HttpRequest, sessions: Sequence[EditSession]) -> Mapping[UUID, str]:
    return {session.pk: session.order.number for session in sessions}


def _states(request: HttpRequest, sessions: Sequence[EditSession]) -> Mapping[UUID, SafeString]:
    return {session.pk: _tag(session) for session in sessions}


def _begun(request: HttpRequest, sessions: Sequence[EditSession]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {session.pk: words.moment(session.created_at) for session in sessions}


def _changes(request: HttpRequest, sessions: Sequence[EditSession]) -> Mapping[UUID, str]:
    return _items(sessions)


def _dues(request: HttpRequest, sessions: Sequence[EditSession]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {session.pk: words.signed(session.due_minor, session.currency) for session in sessions}


def _retry(request: HttpRequest, session: EditSession) -> str:
    again = edit_retry(session_id=session.pk, actor=Actor("user", str(request.user.pk)))
    return f"Tried once more. The edit is now: {again.get_state_display().lower()}."


def _waiting(request: HttpRequest) -> Todo | None:
    count = EditSession.objects.filter(state=EditState.MANUAL_REVIEW).count()
    if not count:
        return None
    text = "1 edit stopped half-way" if count == 1 else f"{count} edits stopped half-way"
    url = reverse("admin:editing_editsession_changelist")
    return Todo("bad", "Edits", text, "Resolve", f"{url}?state={EditState.MANUAL_REVIEW}")


add_column(PAGE, Column("order", "Order", _numbers, rank=5))
add_column(PAGE, Column("begun", "Begun", _begun, rank=10, order_by="created_at"))
add_column(PAGE, Column("state", "State", _states, rank=20))
add_column(PAGE, Column("change", "Change", _changes, rank=30))
add_column(PAGE, Column("due", "Due", _dues, rank=40))
add_panel(PAGE, Panel("steps", "admin/editing/edits.html", _steps_of_edit, rank=10))
add_panel(PAGE, Panel("transitions", "admin/orders/timeline.html", _transitions_of_edit, rank=20))
add_panel(PAGE, Panel("facts", "admin/editing/facts.html", _facts_of_edit, zone="aside"))
add_action(
    PAGE,
    Action(
        "resume",
        "retried",
        "Try the step once more",
        (PAGE, "resume"),
        _retry,
        is_offered=lambda session: session.state == EditState.MANUAL_REVIEW,
        snapshot=lambda session: {"state": EditSession.objects.get(pk=session.pk).state},
        is_atomic=False,
        is_primary=True,
    ),
)
add_todo((PAGE, "view"), _waiting)

add_column(ORDER, Column("edits", "Edits", _order_tags, rank=40))
add_filter(ORDER, EditedFilter)
add_panel(ORDER, Panel("edits", "admin/editing/edits.html", _edits_of_order, rank=10))
