"""Payments as staff see them: read-only, on the order page and in a list of their own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from core.admin.filters import DayFilter, StateFilter
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import Column, Context, Panel, add_column, add_panel, register
from core.admin.tags import tag
from core.admin.words import words_of
from orders.models import Order, OrderTender
from payments.models import PaymentIntentRecord
from payments.selectors import intent_list_for_order

PAGE = "payments.PaymentIntentRecord"
ORDER = "orders.Order"
Status = PaymentIntentRecord.Status

_TONES = {
    Status.PENDING: "info",
    Status.REQUIRES_ACTION: "warn",
    Status.REQUIRES_CAPTURE: "info",
    Status.SUCCEEDED: "ok",
    Status.DECLINED: "bad",
    Status.CANCELLED: "",
}


def _tag(intent: PaymentIntentRecord) -> SafeString:
    return tag(intent.get_status_display(), _TONES[Status(intent.status)])


def _payments_of_order(request: HttpRequest, order: Order) -> Context | None:
    words = words_of(request)
    rows: list[dict[str, Any]] = [
        {
            "at": words.moment(intent.created_at),
            "what": "Card on file, edit",
            "code": f"…{intent.provider_intent_id[-4:]}" if intent.provider_intent_id else "",
            "url": reverse("admin:payments_paymentintentrecord_change", args=[intent.pk]),
            "state": _tag(intent),
            "amount": words.money(intent.amount_minor, intent.currency),
        }
        for intent in intent_list_for_order(order.pk)
    ]
    rows += [
        {
            "at": words.moment(order.paid_at or order.placed_at),
            "what": f"{tender.brand.capitalize() or tender.get_kind_display()} {tender.last4}, checkout",
            "code": "",
            "url": "",
            "state": tag("Captured", "ok")
            if tender.captured_minor >= tender.amount_minor
            else tag("Not captured in full", "warn"),
            "amount": words.money(tender.amount_minor, order.currency),
        }
        for tender in OrderTender.objects.filter(order_id=order.pk)
    ]
    return {"rows": rows} if rows else None


def _facts(request: HttpRequest, intent: PaymentIntentRecord) -> Context:
    words = words_of(request)
    facts = [
        ("Order", intent.order.number),
        ("Amount", words.money(intent.amount_minor, intent.currency)),
        ("Captured", words.money(intent.captured_minor, intent.currency)),
        ("Provider’s id", intent.provider_intent_id or "–"),
        ("Attempt", str(intent.attempt)),
        ("Begun", words.moment(intent.created_at)),
    ]
    if intent.decline_code or intent.error_code:
        facts.append(("Reason", intent.decline_code or intent.error_code))
    return {"title": "Payment", "facts": facts}


def _events(request: HttpRequest, intent: PaymentIntentRecord) -> Context:
    words = words_of(request)
    return {
        "events": [
            {
                "at": words.moment(event.at, "medium"),
                "text": event.kind.replace(".", ", ").replace("_", " ").capitalize(),
                "note": event.to_status if event.to_status != event.from_status else "",
            }
            for event in intent.events.filter(merchant_id=intent.merchant_id).order_by("at")
        ]
    }


class StatusFilter(StateFilter):
    field = "status"


class BegunFilter(DayFilter):
    title = "begun"
    parameter_name = "begun"
    field = "created_at"


@register(PaymentIntentRecord)
class PaymentAdmin(ObjectPageAdmin[PaymentIntentRecord]):
    menu_name = "Payments"
    list_filter = (StatusFilter, BegunFilter)
    ordering = ("-created_at", "-id")
    list_empty = "Nothing has been charged after checkout yet."

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentIntentRecord]:
        return super().get_queryset(request).select_related("order")

    def object_title(self, obj: PaymentIntentRecord) -> str:
        return f"Payment on order {obj.order.number}"

    def object_tags(self, request: HttpRequest, obj: PaymentIntentRecord) -> Sequence[tuple[str, str]]:
        return [(_TONES[Status(obj.status)], obj.get_status_display())]


def _numbers(request: HttpRequest, intents: Sequence[PaymentIntentRecord]) -> Mapping[UUID, str]:
    return {intent.pk: intent.order.number for intent in intents}


def _begun(request: HttpRequest, intents: Sequence[PaymentIntentRecord]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {intent.pk: words.moment(intent.created_at) for intent in intents}


def _states(request: HttpRequest, intents: Sequence[PaymentIntentRecord]) -> Mapping[UUID, SafeString]:
    return {intent.pk: _tag(intent) for intent in intents}


def _amounts(request: HttpRequest, intents: Sequence[PaymentIntentRecord]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {intent.pk: words.money(intent.amount_minor, intent.currency) for intent in intents}


add_column(PAGE, Column("order", "Order", _numbers, rank=5))
add_column(PAGE, Column("begun", "Begun", _begun, rank=10, order_by="created_at"))
add_column(PAGE, Column("state", "State", _states, rank=20))
add_column(PAGE, Column("total", "Amount", _amounts, rank=30))
add_panel(PAGE, Panel("facts", "admin/pro/facts.html", _facts, rank=10))
add_panel(PAGE, Panel("events", "admin/orders/timeline.html", _events, rank=20))
add_panel(
    ORDER,
    Panel("payments", "admin/payments/payments.html", _payments_of_order, rank=40, requires=(PAGE, "view")),
)
