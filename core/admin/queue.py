"""Events and webhooks of the shop: what waits, what is done, what was given up, and the button that tries again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from core import outbox
from core.admin.filters import StateFilter
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import (
    Action,
    Column,
    Context,
    Panel,
    Todo,
    add_action,
    add_column,
    add_panel,
    add_todo,
    register,
)
from core.admin.tags import tag
from core.admin.words import words_of
from core.inbound import inbound_replay
from core.models import InboundWebhook, OutboxEvent

EVENTS = "core.OutboxEvent"
WEBHOOKS = "core.InboundWebhook"
State = OutboxEvent.State
_TONES = {State.PENDING: "info", State.DONE: "ok", State.DEAD: "bad"}


@register(OutboxEvent)
class EventAdmin(ObjectPageAdmin[OutboxEvent]):
    menu_name = "Events"
    list_display = ("name",)
    list_filter = (StateFilter,)
    ordering = ("-id",)
    list_intro = (
        "What happened, and whether every part of the house has heard of it. Given-up events can be tried again."
    )
    list_empty = "Nothing has happened yet."

    def object_title(self, obj: OutboxEvent) -> str:
        return f"Event {obj.name}"

    def object_tags(self, request: HttpRequest, obj: OutboxEvent) -> Sequence[tuple[str, str]]:
        return [(_TONES[State(obj.state)], obj.get_state_display())]


def event_states(request: HttpRequest, events: Sequence[OutboxEvent]) -> Mapping[Any, SafeString]:
    return {event.pk: tag(event.get_state_display(), _TONES[State(event.state)]) for event in events}


def event_times(request: HttpRequest, events: Sequence[OutboxEvent]) -> Mapping[Any, str]:
    words = words_of(request)
    return {event.pk: words.moment(event.occurred_at, "medium") for event in events}


def event_tries(request: HttpRequest, events: Sequence[OutboxEvent]) -> Mapping[Any, str]:
    return {event.pk: str(event.attempts) for event in events}


def event_facts(request: HttpRequest, event: OutboxEvent) -> Context:
    words = words_of(request)
    return {
        "title": "Event",
        "facts": [
            ("About", f"{event.aggregate_type} {event.aggregate_id}"),
            ("Occurred", words.moment(event.occurred_at, "medium")),
            ("Heard by", ", ".join(event.handled) or "–"),
            ("Attempts that failed", str(event.attempts)),
            ("Next attempt", words.moment(event.next_attempt_at, "medium") if event.state == State.PENDING else "–"),
            ("Finished", words.moment(event.finished_at, "medium")),
        ],
        "text": event.last_error,
        "text_label": "Last error",
    }


def _replay(request: HttpRequest, event: OutboxEvent) -> str:
    outbox.replay(event)
    return "The event is back in the queue. It is tried within a few seconds."


def _dead(request: HttpRequest) -> Todo | None:
    count = OutboxEvent.objects.filter(state=State.DEAD).count()
    if not count:
        return None
    text = "1 event was given up" if count == 1 else f"{count} events were given up"
    url = f"{reverse('admin:core_outboxevent_changelist')}?state={State.DEAD}"
    return Todo("warn", "Events", text, "Look", url)


add_column(EVENTS, Column("occurred", "Occurred", event_times, rank=10))
add_column(EVENTS, Column("state", "State", event_states, rank=20))
add_column(EVENTS, Column("tries", "Failed attempts", event_tries, rank=30))
add_panel(EVENTS, Panel("facts", "admin/pro/facts.html", event_facts))
add_action(
    EVENTS,
    Action(
        "replay",
        "replayed",
        "Try again",
        (EVENTS, "replay"),
        _replay,
        list_label="Try events again",
        is_offered=lambda event: event.state == State.DEAD,
        snapshot=lambda event: {"state": OutboxEvent.objects.get(pk=event.pk).state},
        is_primary=True,
    ),
)
add_todo((EVENTS, "view"), _dead)


@register(InboundWebhook)
class WebhookAdmin(ObjectPageAdmin[InboundWebhook]):
    menu_name = "Webhooks in"
    list_display = ("topic",)
    list_filter = (StateFilter,)
    ordering = ("-received_at", "-id")
    list_empty = "Nobody has sent a webhook yet."

    def object_title(self, obj: InboundWebhook) -> str:
        return f"Webhook {obj.topic}"


def _sources(request: HttpRequest, webhooks: Sequence[InboundWebhook]) -> Mapping[Any, str]:
    return {webhook.pk: webhook.source for webhook in webhooks}


def _webhook_states(request: HttpRequest, webhooks: Sequence[InboundWebhook]) -> Mapping[Any, str]:
    return {webhook.pk: webhook.get_state_display() for webhook in webhooks}


def _received(request: HttpRequest, webhooks: Sequence[InboundWebhook]) -> Mapping[Any, str]:
    words = words_of(request)
    return {webhook.pk: words.moment(webhook.received_at, "medium") for webhook in webhooks}


def _webhook_facts(request: HttpRequest, webhook: InboundWebhook) -> Context:
    words = words_of(request)
    # The raw body may hold personal data of shoppers; it is kept for replay, not for reading.
    return {
        "title": "Webhook",
        "facts": [
            ("From", webhook.source),
            ("Their id", webhook.external_id),
            ("Received", words.moment(webhook.received_at, "medium")),
            ("State", webhook.get_state_display()),
            ("Processed", words.moment(webhook.processed_at, "medium")),
            ("Size", f"{len(webhook.body.encode()):,} bytes"),
        ],
    }


def _process_again(request: HttpRequest, webhook: InboundWebhook) -> str:
    inbound_replay(webhook)
    return "The webhook is queued. It is processed once more within a few seconds."


add_column(WEBHOOKS, Column("source", "From", _sources, rank=10))
add_column(WEBHOOKS, Column("state", "State", _webhook_states, rank=20))
add_column(WEBHOOKS, Column("received", "Received", _received, rank=30, order_by="received_at"))
add_panel(WEBHOOKS, Panel("facts", "admin/pro/facts.html", _webhook_facts))
add_action(
    WEBHOOKS,
    Action(
        "replay",
        "replayed",
        "Process again",
        (WEBHOOKS, "replay"),
        _process_again,
        is_offered=lambda webhook: bool(webhook.body),  # emptied after 30 days
    ),
)
