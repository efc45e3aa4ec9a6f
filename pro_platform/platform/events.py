"""Given-up events of all shops: where they are, why, and the button that tries them again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from core import outbox
from core.admin.model_admin import ObjectPageAdmin
from core.admin.queue import event_facts, event_times, event_tries
from core.admin.registry import Action, Column, Panel, add_action, add_column, add_panel
from core.models import OutboxEvent

PAGE = "platform.OutboxEvent"
DEAD = OutboxEvent.State.DEAD


class DeadLettersAdmin(ObjectPageAdmin[OutboxEvent]):
    menu_name = "Given-up events"
    list_display = ("name",)
    ordering = ("-id",)
    search_fields = ("merchant__slug",)
    search_help_text = "Address of a merchant"
    list_intro = (
        "Events that a part of the house could not take, twelve times over an hour. Mend the cause, then try again."
    )
    list_empty = "No event was given up."

    @property
    def page(self) -> str:
        return PAGE

    def object_title(self, obj: OutboxEvent) -> str:
        return f"Event {obj.name}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxEvent]:
        return super().get_queryset(request).filter(state=DEAD).select_related("merchant")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OutboxEvent], search_term: str
    ) -> tuple[QuerySet[OutboxEvent], bool]:
        slug = search_term.strip()
        return (queryset.filter(merchant__slug=slug) if slug else queryset), False


def _shops(request: HttpRequest, events: Sequence[OutboxEvent]) -> Mapping[Any, str]:
    return {event.pk: event.merchant.name for event in events}


def _errors(request: HttpRequest, events: Sequence[OutboxEvent]) -> Mapping[Any, str]:
    return {event.pk: event.last_error[:120] or "–" for event in events}


def _replay(request: HttpRequest, event: OutboxEvent) -> str:
    outbox.replay(event)
    return "The event is back in the queue. It is tried within a few seconds."


add_column(PAGE, Column("shop", "Merchant", _shops, rank=5))
add_column(PAGE, Column("occurred", "Occurred", event_times, rank=10))
add_column(PAGE, Column("tries", "Failed attempts", event_tries, rank=30))
add_column(PAGE, Column("error", "Last error", _errors, rank=40))
add_panel(PAGE, Panel("facts", "admin/pro/facts.html", event_facts))
add_action(
    PAGE,
    Action(
        "replay",
        "replayed",
        "Try again",
        (PAGE, "replay"),
        _replay,
        list_label="Try events again",
        is_offered=lambda event: event.state == DEAD,
        snapshot=lambda event: {"state": OutboxEvent.objects.values_list("state", flat=True).get(pk=event.pk)},
        is_primary=True,
    ),
)
