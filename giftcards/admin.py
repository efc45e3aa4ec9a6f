"""Cards that were taken over: found by their last four, with the sum that is owed in each currency."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import clock
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import Column, Context, Panel, add_column, add_panel, register
from core.admin.words import Words, words_of
from giftcards.models import OpeningBalance
from orders.models import Customer

PAGE = "giftcards.OpeningBalance"
CUSTOMER = "orders.Customer"
SHOWN_CARDS = 50


@register(OpeningBalance)
class OpeningBalanceAdmin(ObjectPageAdmin[OpeningBalance]):
    menu_name = "Balances taken over"
    ordering = ("-imported_at", "-id")
    search_fields = ("last4",)
    list_empty = "No card yet. Import a file of gift cards to bring in what is still owed on them."

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningBalance]:
        return super().get_queryset(request).select_related("customer").defer("code")

    def get_search_help_text(self, request: HttpRequest) -> str:
        return "Last four of the code"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OpeningBalance], search_term: str
    ) -> tuple[QuerySet[OpeningBalance], bool]:
        term = search_term.strip().upper()
        return (queryset.filter(last4=term[-4:]) if term else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_intro": _owed(words_of(request)), **(extra_context or {})})

    def object_title(self, obj: OpeningBalance) -> str:
        return str(obj)

    def object_tags(self, request: HttpRequest, obj: OpeningBalance) -> Sequence[tuple[str, str]]:
        if obj.expires_at is not None and obj.expires_at <= clock.now():
            return [("warn", "Expired")]
        return [("ok", "With money left")] if obj.balance_minor else [("", "Used up")]


def _owed(words: Words) -> str:
    """How much the shop owes on these cards, by currency."""
    sums = (
        OpeningBalance.objects.order_by("currency")
        .values_list("currency")
        .annotate(cards=Count("*"), minor=Sum("balance_minor"))
    )
    parts = [
        f"{words.money(minor, currency)} on {words.number(cards)} {'card' if cards == 1 else 'cards'}"
        for currency, cards, minor in sums
    ]
    return f"Still owed: {'; '.join(parts)}." if parts else ""


def _cards(request: HttpRequest, cards: Sequence[OpeningBalance]) -> Mapping[UUID, str]:
    return {card.pk: f"…{card.last4}" for card in cards}


def _balances(request: HttpRequest, cards: Sequence[OpeningBalance]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {card.pk: words.money(card.balance_minor, card.currency) for card in cards}


def _customers(request: HttpRequest, cards: Sequence[OpeningBalance]) -> Mapping[UUID, SafeString | str]:
    return {card.pk: _customer_link(card.customer) for card in cards if card.customer is not None}


def _customer_link(customer: Customer) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("admin:orders_customer_change", args=[customer.pk]), customer)


def _expiries(request: HttpRequest, cards: Sequence[OpeningBalance]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {card.pk: words.moment(card.expires_at) if card.expires_at else "Never" for card in cards}


def _facts(request: HttpRequest, card: OpeningBalance) -> Context:
    words = words_of(request)
    return {
        "title": "Card",
        "facts": [
            ("Code ends in", card.last4),
            ("Balance", words.money(card.balance_minor, card.currency)),
            ("Customer", _customer_link(card.customer) if card.customer else "–"),
            ("Issued", words.moment(card.issued_at)),
            ("Expires", words.moment(card.expires_at) if card.expires_at else "Never"),
            ("Note", card.note or "–"),
            ("Taken over", words.moment(card.imported_at)),
        ],
    }


def _of_customer(request: HttpRequest, customer: Customer) -> Context | None:
    words = words_of(request)
    cards = OpeningBalance.objects.filter(customer_id=customer.pk).defer("code").order_by("-imported_at", "-id")
    facts = [(f"…{card.last4}", words.money(card.balance_minor, card.currency)) for card in cards[:SHOWN_CARDS]]
    return {"title": "Gift cards", "facts": facts} if facts else None


add_column(PAGE, Column("card", "Card", _cards, rank=10))
add_column(PAGE, Column("balance", "Balance", _balances, rank=20))
add_column(PAGE, Column("customer", "Customer", _customers, rank=30, requires=(CUSTOMER, "view")))
add_column(PAGE, Column("expires", "Expires", _expiries, rank=40))
add_panel(PAGE, Panel("card", "admin/pro/facts.html", _facts))
add_panel(CUSTOMER, Panel("gift_cards", "admin/pro/facts.html", _of_customer, "aside", 50, requires=(PAGE, "view")))
