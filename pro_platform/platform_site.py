"""The operators' site at /platform/: merchants and given-up events of all shops, read-only."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from core.admin.model_admin import ObjectPageAdmin
from core.admin.queue import event_facts, event_times, event_tries
from core.admin.registry import Column, Context, Panel, add_column, add_panel
from core.admin.site import HistoryEntry, Menu, ScopedAdminSite
from core.admin.words import words_of
from core.models import OutboxEvent
from core.tenancy import platform_scope
from merchants.models import Merchant


class PlatformSite(ScopedAdminSite):
    """Operators look, they do not change: what a shop's staff can mend stays with the shop's own admin."""

    site_header = "PRO Platform"
    index_template = "admin/platform_index.html"
    menu: ClassVar[Menu] = (("Platform", ("merchants.Merchant", "core.OutboxEvent")),)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and bool(getattr(request.user, "is_operator", False))

    def allows(self, request: HttpRequest, model_label: str, action: str) -> bool:
        return action == "view" and self.has_permission(request)

    def sign_in_url(self) -> str:
        return reverse("account_login")

    def surroundings(self, request: HttpRequest) -> AbstractContextManager[None]:
        return platform_scope(f"platform site, user {request.user.pk}")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        figures = [
            ("Merchants", Merchant.objects.count()),
            ("Suspended", Merchant.objects.filter(is_suspended=True).count()),
            ("Given-up events", OutboxEvent.objects.filter(state=OutboxEvent.State.DEAD).count()),
        ]
        return super().index(request, {"title": "All shops", "figures": figures, **(extra_context or {})})

    def record(
        self, request: HttpRequest, obj: Model, action: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> None:
        raise TypeError("Nothing changes on the platform site, so there is nothing to record.")

    def history_of(self, request: HttpRequest, obj: Model) -> Sequence[HistoryEntry]:
        return ()


class MerchantsAdmin(ObjectPageAdmin[Merchant]):
    menu_name = "Merchants"
    list_display = ("slug",)
    ordering = ("slug",)
    search_fields = ("slug",)
    list_empty = "No merchant yet. Make one with manage.py create_merchant."

    @property
    def page(self) -> str:
        return "platform.Merchant"


class DeadLettersAdmin(ObjectPageAdmin[OutboxEvent]):
    menu_name = "Given-up events"
    list_display = ("name",)
    ordering = ("-id",)
    list_empty = "No event was given up."

    @property
    def page(self) -> str:
        return "platform.OutboxEvent"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxEvent]:
        return super().get_queryset(request).filter(state=OutboxEvent.State.DEAD).select_related("merchant")


def _names(request: HttpRequest, merchants: Sequence[Merchant]) -> Mapping[Any, str]:
    return {merchant.pk: merchant.name for merchant in merchants}


def _states(request: HttpRequest, merchants: Sequence[Merchant]) -> Mapping[Any, str]:
    return {merchant.pk: "Suspended" if merchant.is_suspended else "Open" for merchant in merchants}


def _since(request: HttpRequest, merchants: Sequence[Merchant]) -> Mapping[Any, str]:
    return {merchant.pk: words_of(request).moment(merchant.created_at) for merchant in merchants}


def _shops(request: HttpRequest, events: Sequence[OutboxEvent]) -> Mapping[Any, str]:
    return {event.pk: event.merchant.name for event in events}


def _facts(request: HttpRequest, merchant: Merchant) -> Context:
    return {
        "title": "Merchant",
        "facts": [
            ("Address", f"/m/{merchant.slug}/"),
            ("Currency", merchant.currency),
            ("Time zone", merchant.time_zone),
            ("Language", merchant.locale),
            ("Since", words_of(request).moment(merchant.created_at)),
        ],
    }


add_column("platform.Merchant", Column("merchant_name", "Name", _names, rank=10))
add_column("platform.Merchant", Column("state", "State", _states, rank=20))
add_column("platform.Merchant", Column("since", "Since", _since, rank=30))
add_panel("platform.Merchant", Panel("facts", "admin/pro/facts.html", _facts))
add_column("platform.OutboxEvent", Column("shop", "Merchant", _shops, rank=5))
add_column("platform.OutboxEvent", Column("occurred", "Occurred", event_times, rank=10))
add_column("platform.OutboxEvent", Column("tries", "Failed attempts", event_tries, rank=30))
add_panel("platform.OutboxEvent", Panel("facts", "admin/pro/facts.html", event_facts))

platform_site = PlatformSite(name="platform")
platform_site.register(Merchant, MerchantsAdmin)
platform_site.register(OutboxEvent, DeadLettersAdmin)
