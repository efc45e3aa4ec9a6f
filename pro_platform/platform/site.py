"""The operators' site: who comes in, what they may do, its menu and its two pages of figures."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from core.admin.site import HistoryEntry, Menu, ScopedAdminSite, StaffLink
from core.models import Alert, OutboxEvent
from core.tenancy import platform_scope, tenant_scope
from merchants.audit_words import action_words, changes_of, with_actors
from merchants.models import AuditEntry, Merchant, MerchantDeletion
from merchants.services.audit import audit_record
from pro_platform.platform.events import DeadLettersAdmin
from pro_platform.platform.merchants import MerchantsAdmin
from pro_platform.platform.pages import now_context, server_context
from pro_platform.platform.records import AlertsAdmin, DeletionsAdmin

# What operators may do: they run the house, and leave what is in the shops to the shops.
TABLE = {
    "platform.Merchant": {"view", "add", "suspend", "delete", "export"},
    "platform.OutboxEvent": {"view", "replay"},
    "platform.Alert": {"view", "resolve"},
    "platform.MerchantDeletion": {"view"},
}


class PlatformSite(ScopedAdminSite):
    site_header = "PRO Platform"
    index_template = "admin/platform_index.html"
    menu: ClassVar[Menu] = (
        ("Merchants", ("merchants.Merchant", "merchants.MerchantDeletion")),
        ("House", ("core.Alert", "core.OutboxEvent")),
    )

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and bool(getattr(request.user, "is_operator", False))

    def allows(self, request: HttpRequest, model_label: str, action: str) -> bool:
        return action in TABLE.get(model_label, set()) and self.has_permission(request)

    def sign_in_url(self) -> str:
        return reverse("account_login")

    def staff_links(self, request: HttpRequest) -> Sequence[StaffLink]:
        return (
            StaffLink("Password", reverse("account_change_password")),
            StaffLink("Two-step sign-in", reverse("mfa_index")),
        )

    def surroundings(self, request: HttpRequest) -> AbstractContextManager[None]:
        return platform_scope(f"platform site, user {request.user.pk}")

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [path("server/", self.admin_view(self.server), name="server"), *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The pages of figures have no model, so they are put into the menu here."""
        groups = super().get_app_list(request, app_label)
        url = reverse("admin:server", current_app=self.name)
        is_current = request.path == url
        house = groups[-1]
        house["models"].append(
            {"name": "Servers", "object_name": "Server", "admin_url": url, "add_url": None, "is_current": is_current}
        )
        house["is_current"] = house["is_current"] or is_current
        return groups

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**now_context(request), **(extra_context or {})})

    def server(self, request: HttpRequest) -> TemplateResponse:
        context = {**self.each_context(request), **server_context(request)}
        request.current_app = self.name
        return TemplateResponse(request, "admin/platform_server.html", context)

    def record(
        self, request: HttpRequest, obj: Model, action: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> None:
        """Into the log of the merchant whose row it is: its owner sees what operators did."""
        if not isinstance(obj, OutboxEvent):
            raise TypeError("The services that operators call write their audit lines themselves.")
        with tenant_scope(obj.merchant_id):
            audit_record(
                actor_type=AuditEntry.Actor.USER,
                actor_id=request.user.pk,
                action=f"outbox_event.{action}",
                object_type="outbox_event",
                object_id=obj.pk,
                before=dict(before),
                after=dict(after),
            )

    def history_of(self, request: HttpRequest, obj: Model) -> Sequence[HistoryEntry]:
        if not isinstance(obj, Merchant):
            return ()
        about = ("merchant", "merchant_export")
        entries = AuditEntry.objects.filter(merchant_id=obj.pk, object_type__in=about).order_by("-at")[:200]
        return [
            HistoryEntry(entry.at, actor, action_words(entry), changes_of(entry))
            for entry, actor in with_actors(list(entries))
        ]


platform_site = PlatformSite(name="platform")
platform_site.register(Merchant, MerchantsAdmin)
platform_site.register(MerchantDeletion, DeletionsAdmin)
platform_site.register(Alert, AlertsAdmin)
platform_site.register(OutboxEvent, DeadLettersAdmin)
