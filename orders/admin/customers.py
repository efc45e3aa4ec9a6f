"""Shoppers: found by e-mail or name, read-only, with their orders."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import Column, Context, Panel, add_column, add_panel, register
from core.admin.search import by_start, only_first
from core.admin.words import words_of
from orders.models import Customer, Order
from orders.services.customers import normalise

PAGE = "orders.Customer"
SHOWN_ORDERS = 50


def customers_matching(term: str) -> list[QuerySet[Customer]]:
    """Ways to find a shopper: the start of the name, of the surname or of the e-mail address, normalised."""
    columns = ("email_normalised",) if "@" in term else ("name_normalised", "surname_normalised", "email_normalised")
    return [by_start(Customer, column, term) for column in columns]


@register(Customer)
class CustomerAdmin(ObjectPageAdmin[Customer]):
    menu_name = "Customers"
    ordering = ("-id",)
    search_fields = ("email_normalised",)
    search_is_cut = True
    list_empty = "No shopper yet. They come with the first order."

    def object_tags(self, request: HttpRequest, obj: Customer) -> Sequence[tuple[str, str]]:
        return [("", "Erased")] if obj.erased_at else []

    def get_search_help_text(self, request: HttpRequest) -> str:
        return "Email or name"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        term = normalise(search_term)
        if not term:
            return queryset, False
        return only_first(queryset, *customers_matching(term)), False


def _names(request: HttpRequest, customers: Sequence[Customer]) -> Mapping[UUID, str]:
    return {customer.pk: str(customer) for customer in customers}


def _emails(request: HttpRequest, customers: Sequence[Customer]) -> Mapping[UUID, str]:
    return {customer.pk: customer.email for customer in customers if customer.email}


def _order_counts(request: HttpRequest, customers: Sequence[Customer]) -> Mapping[UUID, str]:
    words = words_of(request)
    counts = (
        Order.objects.filter(customer_id__in=[customer.pk for customer in customers])
        .order_by()
        .values_list("customer_id")
        .annotate(count=Count("pk"))
    )
    return {customer_id: words.number(count) for customer_id, count in counts if customer_id is not None}


def _since(request: HttpRequest, customers: Sequence[Customer]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {customer.pk: words.moment(customer.created_at) for customer in customers}


def _facts(request: HttpRequest, customer: Customer) -> Context:
    return {
        "title": "Contact",
        "facts": [
            ("Email", customer.email or "–"),
            ("Phone", customer.phone or "–"),
            ("Language", customer.locale or "–"),
            ("Wants news", "Yes" if customer.accepts_marketing else "No"),
            ("Since", words_of(request).moment(customer.created_at)),
        ],
    }


def _orders(request: HttpRequest, customer: Customer) -> Context:
    words = words_of(request)
    orders = list(Order.objects.filter(customer_id=customer.pk).order_by("-placed_at", "-id")[: SHOWN_ORDERS + 1])
    return {
        "is_cut": len(orders) > SHOWN_ORDERS,
        "email": customer.email,
        "rows": [
            {
                "number": order.number,
                "url": reverse("admin:orders_order_change", args=[order.pk]),
                "at": words.moment(order.placed_at),
                "total": words.money(order.total_minor, order.currency),
            }
            for order in orders[:SHOWN_ORDERS]
        ],
    }


add_column(PAGE, Column("name", "Name", _names, rank=5))
add_column(PAGE, Column("email", "Email", _emails, rank=10))
add_column(PAGE, Column("count", "Orders", _order_counts, rank=20))
add_column(PAGE, Column("since", "Since", _since, rank=30))
add_panel(PAGE, Panel("orders", "admin/orders/customer_orders.html", _orders))
add_panel(PAGE, Panel("contact", "admin/pro/facts.html", _facts, "aside"))
