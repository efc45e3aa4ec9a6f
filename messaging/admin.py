"""The message outbox: every mail to a shopper, readable here whether or not it left the house."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from core.admin.filters import DayFilter, StateFilter
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
from core.admin.search import by_start, only_first
from core.admin.tags import tag
from core.admin.words import words_of
from merchants.models import AuditEntry
from messaging.models import Channel, Message, Suppression
from messaging.selectors import suppression_reasons
from messaging.services.send import message_retry
from messaging.services.suppression import suppression_add, suppression_lift
from orders.models import Customer, Order
from orders.services.revisions import Actor

PAGE = "messaging.Message"
ORDER = "orders.Order"
CUSTOMER = "orders.Customer"
State = Message.State
Reason = Suppression.Reason
_TONES = {
    State.QUEUED: "info",
    State.SENDING: "info",
    State.SENT: "ok",
    State.FAILED: "bad",
    State.SUPPRESSED: "warn",
}


class WrittenFilter(DayFilter):
    title = "written"
    parameter_name = "written"
    field = "created_at"


@register(Message)
class MessageAdmin(ObjectPageAdmin[Message]):
    menu_name = "Messages"
    list_display = ("subject",)
    list_filter = (StateFilter, WrittenFilter)
    ordering = ("-created_at", "-id")
    search_fields = ("to_email_normalised",)
    search_is_cut = True
    list_empty = "No mail has been written yet."

    @property
    def list_intro(self) -> str:  # type: ignore[override]
        return "" if settings.EMAIL_URL else "No mail server is set, so mails stay here instead of being sent."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related("order")

    def object_title(self, obj: Message) -> str:
        return obj.subject

    def object_tags(self, request: HttpRequest, obj: Message) -> Sequence[tuple[str, str]]:
        return [(_TONES[State(obj.state)], obj.get_state_display())]

    def get_search_help_text(self, request: HttpRequest) -> str:
        return "Email address"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        term = search_term.strip().lower()
        return (only_first(queryset, by_start(Message, "to_email_normalised", term)) if term else queryset), False


def _addresses(request: HttpRequest, messages: Sequence[Message]) -> Mapping[UUID, str]:
    return {message.pk: message.to_email for message in messages}


def _orders(request: HttpRequest, messages: Sequence[Message]) -> Mapping[UUID, str]:
    return {message.pk: message.order.number for message in messages if message.order is not None}


def _states(request: HttpRequest, messages: Sequence[Message]) -> Mapping[UUID, SafeString]:
    return {message.pk: tag(message.get_state_display(), _TONES[State(message.state)]) for message in messages}


def _written(request: HttpRequest, messages: Sequence[Message]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {message.pk: words.moment(message.created_at) for message in messages}


def _retry(request: HttpRequest, message: Message) -> str:
    message_retry(message=message)
    return "The mail is queued again."


def _given_up(request: HttpRequest) -> Todo | None:
    count = Message.objects.filter(state=State.FAILED).count()
    if not count:
        return None
    text = "1 mail could not be sent" if count == 1 else f"{count} mails could not be sent"
    return Todo("warn", "Mails", text, "Look", f"{reverse('admin:messaging_message_changelist')}?state={State.FAILED}")


def _mail(request: HttpRequest, message: Message) -> Context:
    words = words_of(request)
    return {
        "title": "Mail",
        "facts": [
            ("To", message.to_email or "–"),
            ("Order", message.order.number if message.order else "–"),
            ("Written", words.moment(message.created_at)),
            ("Sent", words.moment(message.sent_at)),
            *([("Last error", message.error)] if message.error else []),
            *([("Not sent because", message.get_withheld_because_display())] if message.withheld_because else []),
        ],
        "text": message.text,
        "text_label": "Text of the mail",
    }


add_column(PAGE, Column("to", "To", _addresses, rank=10))
add_column(PAGE, Column("order", "Order", _orders, rank=20))
add_column(PAGE, Column("state", "State", _states, rank=30))
add_column(PAGE, Column("written", "Written", _written, rank=40, order_by="created_at"))
add_todo((PAGE, "view"), _given_up)
add_action(
    PAGE,
    Action(
        "retry",
        "queued_again",
        "Send again",
        (PAGE, "retry"),
        _retry,
        list_label="Send again",
        is_offered=lambda message: message.state == State.FAILED,
        snapshot=lambda message: {"state": Message.objects.get(pk=message.pk).state},
        is_primary=True,
    ),
)
add_panel(PAGE, Panel("mail", "admin/pro/facts.html", _mail))


def _messages_of_order(request: HttpRequest, order: Order) -> Context | None:
    words = words_of(request)
    messages = Message.objects.filter(order=order).order_by("-created_at")[:20]
    rows = [
        {
            "id": message.pk,
            "subject": message.subject,
            "state": tag(message.get_state_display(), _TONES[State(message.state)]),
            "at": words.moment(message.created_at),
        }
        for message in messages
    ]
    return {"rows": rows} if rows else None


add_panel(
    ORDER,
    Panel("messages", "admin/messaging/messages.html", _messages_of_order, "aside", 50, requires=(PAGE, "view")),
)


def _suppressed(customer: Customer) -> str:
    return suppression_reasons(Channel.EMAIL, [customer.email]).get(customer.email, "")


def _mail_rights(request: HttpRequest, customer: Customer) -> Context | None:
    """Whether this shopper may be written to."""
    if not customer.email:
        return None
    reason = _suppressed(customer)
    blocks_all = reason and reason != Reason.UNSUBSCRIBED
    facts = [
        ("About orders", "No" if blocks_all else "Yes"),
        ("News", "Yes" if customer.accepts_marketing and not reason else "No"),
    ]
    if customer.consented_at is not None:
        where = f", {customer.consent_source}" if customer.consent_source else ""
        facts.append(("Agreed", f"{words_of(request).moment(customer.consented_at)}{where}"))
    if reason:
        facts.append(("Stopped because", Reason(reason).label))
    return {"title": "Mail to this shopper", "facts": facts}


def _block(request: HttpRequest, customer: Customer) -> str:
    suppression_add(channel=Channel.EMAIL, address=customer.email, reason=Reason.MANUAL)
    return "This address gets no mail any more, also none about orders."


def _allow(request: HttpRequest, customer: Customer) -> str:
    actor = Actor(AuditEntry.Actor.USER, str(request.user.pk))
    suppression_lift(channel=Channel.EMAIL, address=customer.email, actor=actor)
    return "This address gets mail again."


add_panel(CUSTOMER, Panel("mail_rights", "admin/pro/facts.html", _mail_rights, "aside", 60))
add_action(
    CUSTOMER,
    Action(
        "block_mail",
        "mail_stopped",
        "Stop all mail",
        (CUSTOMER, "suppress"),
        _block,
        is_offered=lambda customer: bool(customer.email) and _suppressed(customer) in ("", Reason.UNSUBSCRIBED),
        rank=60,
    ),
)
add_action(
    CUSTOMER,
    Action(
        "allow_mail",
        "mail_allowed",
        "Allow mail again",
        (CUSTOMER, "suppress"),
        _allow,
        is_offered=lambda customer: bool(customer.email) and bool(_suppressed(customer)),
        is_audited_here=False,
        rank=60,
    ),
)
