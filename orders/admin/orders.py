"""The list of orders and the order page."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core import clock
from core.admin.filters import DayFilter, OneOf
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import Action, Column, add_action, add_column, register
from core.admin.search import first_keys, only_first, starts_with
from core.admin.tags import NONE, tag
from core.admin.words import duration, words_of
from orders.admin.customers import customers_matching
from orders.models import EditWindow, Order, OrderLine
from orders.services.customers import normalise
from orders.services.windows import window_close, window_extend

PAGE = "orders.Order"
SEES_CUSTOMERS = ("orders.Customer", "view")
EXTENSION = timedelta(hours=1)


def window_tag(window: EditWindow | None) -> SafeString | str:
    if window is None:
        return NONE
    if window.is_open:
        return tag(f"{duration(window.closes_at - clock.now())} left", "gold")
    if window.state in EditWindow.LIVE:
        return tag("Closing", "warn")
    return tag(window.get_state_display())


def window_of(order: Order) -> EditWindow | None:
    return getattr(order, "window", None)


_ENDED = [state for state in EditWindow.State.values if state not in EditWindow.LIVE]


class WindowFilter(OneOf):
    title = "window"
    parameter_name = "window"
    options = (("open", "Open"), ("hour", "Closes within the hour"), ("closed", "Closed"))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        at = clock.now()
        if value == "closed":
            # As most are. A value, not a join: it is looked up for the orders of the page alone.
            state = EditWindow.objects.filter(order_id=OuterRef("pk")).values("state")[:1]
            queryset = queryset.alias(window_state=Subquery(state))
            return queryset.filter(window_state__in=_ENDED)
        still_open = queryset.filter(window__state=EditWindow.State.OPEN, window__closes_at__gt=at)
        return still_open if value == "open" else still_open.filter(window__closes_at__lte=at + timedelta(hours=1))


class PlacedFilter(DayFilter):
    title = "placed"
    parameter_name = "placed"
    field = "placed_at"


@register(Order)
class OrderAdmin(ObjectPageAdmin[Order]):
    menu_name = "Orders"
    list_display = ("order_number",)
    sortable_by = ("order_number",)
    list_filter = (WindowFilter, PlacedFilter)
    list_select_related = ("customer", "window")
    ordering = ("-placed_at", "-id")
    search_fields = ("number_normalised",)
    search_is_cut = True
    list_empty = "No order has come in yet. Import a file, or send the first one with POST /api/v1/orders."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        queryset = super().get_queryset(request)
        return queryset.select_related("customer", "window", "shipping_address")

    @admin.display(description="Order", ordering="number_normalised")
    def order_number(self, obj: Order) -> str:
        return obj.number

    def object_title(self, obj: Order) -> str:
        return f"Order {obj.number}"

    def object_tags(self, request: HttpRequest, obj: Order) -> Sequence[tuple[str, str]]:
        tags = [("ok", "Paid") if obj.is_paid else ("warn", "Not paid")]
        if obj.status == Order.Status.CANCELLED:
            tags.append(("bad", "Cancelled"))
        window = window_of(obj)
        if window is not None:
            tags.append(
                ("gold", "Window open") if window.is_open else ("", f"Window {window.get_state_display().lower()}")
            )
        if obj.is_test:
            tags.append(("info", "Test order"))
        if obj.is_backfill:
            tags.append(("", "History"))
        return tags

    def get_search_help_text(self, request: HttpRequest) -> str:
        return "Order number, email or name" if self._allows(request, SEES_CUSTOMERS) else "Order number"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """A number or its start, the newest of those; and orders of the customers who are found."""
        term = normalise(search_term)
        if not term:
            return queryset, False
        number = term.lstrip("#")
        ways = [
            Order.objects.filter(number_normalised=number),
            Order.objects.filter(starts_with("number_normalised", number)).order_by("-number_normalised"),
        ]
        if self._allows(request, SEES_CUSTOMERS):
            people = first_keys(*customers_matching(term))
            ways.append(Order.objects.filter(customer_id__in=people).order_by("-placed_at"))
        return only_first(queryset, *ways), False


def _placed(request: HttpRequest, orders: Sequence[Order]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {order.pk: words.moment(order.placed_at) for order in orders}


def _customers(request: HttpRequest, orders: Sequence[Order]) -> Mapping[UUID, str]:
    return {order.pk: str(order.customer) for order in orders if order.customer is not None}


def _windows(request: HttpRequest, orders: Sequence[Order]) -> Mapping[UUID, SafeString | str]:
    return {order.pk: window_tag(window_of(order)) for order in orders}


def _totals(request: HttpRequest, orders: Sequence[Order]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {order.pk: words.money(order.total_minor, order.currency) for order in orders}


def _added(request: HttpRequest, orders: Sequence[Order]) -> Mapping[UUID, str]:
    words = words_of(request)
    currencies = {order.pk: order.currency for order in orders}
    sums = (
        OrderLine.objects.filter(order_id__in=list(currencies), origin=OrderLine.Origin.EDIT)
        .order_by()
        .values("order_id")
        .annotate(added=Sum("total_minor"))
        .values_list("order_id", "added")
    )
    return {order_id: words.signed(added, currencies[order_id]) for order_id, added in sums}


add_column(PAGE, Column("placed", "Placed", _placed, rank=10, order_by="placed_at"))
add_column(PAGE, Column("customer", "Customer", _customers, rank=20, requires=SEES_CUSTOMERS))
add_column(PAGE, Column("window", "Window", _windows, rank=30))
add_column(PAGE, Column("total", "Total", _totals, rank=60))
add_column(PAGE, Column("added", "Added", _added, rank=70))


def _is_open(order: Order) -> bool:
    window = window_of(order)
    return window is not None and window.is_open


def _window_state(order: Order) -> dict[str, object]:
    window = EditWindow.objects.filter(order_id=order.pk).first()
    return {} if window is None else {"state": window.state, "closes_at": window.closes_at.isoformat()}


def _close(request: HttpRequest, order: Order) -> str:
    window_close(order_id=order.pk)
    return "The window is closed. The order goes to packing."


def _extend(request: HttpRequest, order: Order) -> str:
    window = window_extend(order_id=order.pk, by=EXTENSION)
    return f"The window now closes at {words_of(request).moment(window.closes_at)}."


add_action(
    PAGE,
    Action(
        "extend_window",
        "window_extended",
        "Extend by 1 hour",
        (PAGE, "window"),
        _extend,
        list_label="Extend windows by 1 hour",
        is_offered=_is_open,
        snapshot=_window_state,
        zone="window",
        rank=10,
    ),
)
add_action(
    PAGE,
    Action(
        "close_window",
        "window_closed",
        "Close now",
        (PAGE, "window"),
        _close,
        list_label="Close windows now",
        is_offered=_is_open,
        snapshot=_window_state,
        zone="window",
        rank=20,
    ),
)
