"""The admin of a merchant's staff at /m/<slug>/admin/: who comes in, the menu by job, the audit log."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import wraps
from importlib import import_module
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from core.admin import registry
from core.admin.site import HistoryEntry, Menu, ScopedAdminSite, StaffLink
from core.admin.words import words_of
from merchants.audit_words import action_words, changes_of, with_actors
from merchants.middleware import merchant_of
from merchants.models import AuditEntry, Membership
from merchants.permissions import may
from merchants.services.audit import audit_record
from pro_platform.dashboard import dashboard

# The modules that register pages, columns, panels and buttons.
PAGES = (
    "core.admin.queue",
    "merchants.admin",
    "orders.admin",
    "messaging.admin",
    "payments.admin",
    "giftcards.admin",
    "editing.admin",
    "metrics.admin",
    "portal.admin",
    "connectors.admin",
)

# Seven groups by job. A group whose pages are not built yet, or that the role may not open, is not shown.
MENU: Menu = (
    ("Orders", ("orders.Order", "editing.EditSession", "orders.Customer", "payments.PaymentIntentRecord")),
    ("Offers", ()),
    ("Gift cards", ("giftcards.OpeningBalance",)),
    ("Retention", ("messaging.Message",)),
    ("Tracking", ()),
    ("Numbers", ("metrics.MetricDay",)),
    (
        "Shop",
        (
            "merchants.Merchant",
            "orders.Product",
            "connectors.ImportRun",
            "connectors.ImportProfile",
            "merchants.Membership",
            "merchants.ApiKey",
            "merchants.AuditEntry",
            "core.OutboxEvent",
            "core.InboundWebhook",
        ),
    ),
)


RECENT = 6


class MerchantAdminSite(ScopedAdminSite):
    menu = MENU

    def membership_of(self, request: HttpRequest) -> Membership | None:
        """The reader's membership of the merchant of this address; looked up once per request."""
        if not hasattr(request, "staff_membership"):
            found = None
            if request.user.is_authenticated and request.user.is_active:
                merchant = merchant_of(request)
                found = Membership.objects.filter(merchant_id=merchant.pk, user_id=request.user.pk).first()
            request.staff_membership = found  # type: ignore[attr-defined]
        membership: Membership | None = request.staff_membership  # type: ignore[attr-defined]
        return membership

    def has_permission(self, request: HttpRequest) -> bool:
        return self.membership_of(request) is not None

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """While the shop is closed, its staff see why on every page, and may sign out."""
        opened: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        @wraps(view)
        def entrance(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            leaves = request.resolver_match is not None and request.resolver_match.url_name == "logout"
            if merchant_of(request).is_suspended and self.has_permission(request) and not leaves:
                return closed_page(request)
            return opened(request, *args, **kwargs)

        return entrance

    def allows(self, request: HttpRequest, model_label: str, action: str) -> bool:
        membership = self.membership_of(request)
        return may(membership.role if membership else None, model_label, action)

    def sign_in_url(self) -> str:
        return reverse("account_login")

    def staff_links(self, request: HttpRequest) -> Sequence[StaffLink]:
        return (
            StaffLink("Password", reverse("account_change_password")),
            StaffLink("Two-step sign-in", reverse("mfa_index")),
        )

    def surroundings(self, request: HttpRequest) -> AbstractContextManager[None]:
        return timezone.override(merchant_of(request).zone)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "site_header": merchant_of(request).name}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        recent = self.recent_changes(request)
        return super().index(request, {**dashboard(request, self), "recent": recent, **(extra_context or {})})

    def recent_changes(self, request: HttpRequest) -> list[dict[str, str]]:
        """The reader's own last changes, each with a link to what was changed."""
        words = words_of(request)
        pages: dict[str, Any] = {object_type_of(model): page for model, page in self._registry.items()}
        entries = AuditEntry.objects.filter(
            merchant_id=merchant_of(request).pk, actor_type=AuditEntry.Actor.USER, actor_id=str(request.user.pk)
        ).order_by("-at")[:RECENT]
        return [
            {
                "text": action_words(entry),
                "at": words.moment(entry.at),
                "url": pages[entry.object_type].page_url("change", entry.object_id)
                if entry.object_type in pages
                else "",
            }
            for entry in entries
        ]

    def record(
        self,
        request: HttpRequest,
        obj: Model,
        action: str,
        before: Mapping[str, object],
        after: Mapping[str, object],
    ) -> None:
        kind = object_type_of(type(obj))
        audit_record(
            actor_type=AuditEntry.Actor.USER,
            actor_id=request.user.pk,
            action=f"{kind}.{action}",
            object_type=kind,
            object_id=obj.pk,
            before={name: _plain(value) for name, value in before.items()},
            after={name: _plain(value) for name, value in after.items()},
        )

    def history_of(self, request: HttpRequest, obj: Model) -> Sequence[HistoryEntry]:
        entries = list(
            AuditEntry.objects.filter(
                merchant_id=merchant_of(request).pk, object_type=object_type_of(type(obj)), object_id=str(obj.pk)
            ).order_by("-at")[:200]
        )
        return [
            HistoryEntry(entry.at, actor, action_words(entry), changes_of(entry))
            for entry, actor in with_actors(entries)
        ]


def closed_page(request: HttpRequest) -> TemplateResponse:
    """Why there is nothing to see. It says no more than the operator wrote."""
    merchant, words = merchant_of(request), words_of(request)
    if merchant.delete_after is not None:
        title = "This shop is closed and will be deleted"
        lines = [f"Everything it has here is deleted after {words.moment(merchant.delete_after, 'long')}."]
    else:
        title = "This shop is suspended"
        lines = [merchant.suspension_reason] if merchant.suspension_reason else []
    lines.append("Shoppers see that it is closed, and its API keys do not work. Ask the operator of the platform.")
    response = TemplateResponse(request, "account/suspended.html", {"title": title, "lines": lines}, status=403)
    add_never_cache_headers(response)
    return response


def object_type_of(model: type[Model]) -> str:
    """ApiKey is api_key: the names that services write into the audit log too."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


def _plain(value: object) -> object:
    """As JSON keeps it."""
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def build() -> MerchantAdminSite:
    """Import every room's admin module, then put what they registered on the site."""
    for module in PAGES:
        import_module(module)
    site = MerchantAdminSite(name="admin")
    for model, model_admin in registry.registered():
        site.register(model, model_admin)
    return site


merchant_site = build()
