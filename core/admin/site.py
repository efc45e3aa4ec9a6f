"""The admin site that both the merchants' and the operators' sites are made of."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar

from django.contrib import admin, auth
from django.contrib.admin.models import LogEntry
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

Menu = tuple[tuple[str, tuple[str, ...]], ...]

# Django's own pages that we do not serve: sign-in belongs to allauth, the shortcut resolves untenanted content types,
# and our pages are grouped by job, so an app has no page.
_DROPPED = {"login", "password_change", "password_change_done", "view_on_site", "app_list"}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of an object's history, already in words."""

    at: datetime
    actor: str
    action: str
    changes: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class StaffLink:
    label: str
    url: str


class ScopedAdminSite(admin.AdminSite, ABC):
    """Strangers see 404, the signed-out are sent to allauth, roles come from one table, changes go to our audit log."""

    menu: ClassVar[Menu] = ()

    @abstractmethod
    def allows(self, request: HttpRequest, model_label: str, action: str) -> bool:
        """Whether the reader's role may do this to rows of this model."""

    @abstractmethod
    def sign_in_url(self) -> str: ...

    @abstractmethod
    def record(
        self,
        request: HttpRequest,
        obj: Model,
        action: str,
        before: Mapping[str, object],
        after: Mapping[str, object],
    ) -> None:
        """Write one line of the audit log, in the transaction of the change."""

    @abstractmethod
    def history_of(self, request: HttpRequest, obj: Model) -> Sequence[HistoryEntry]: ...

    def surroundings(self, request: HttpRequest) -> AbstractContextManager[None]:
        """What each page runs and renders in."""
        return nullcontext()

    def staff_links(self, request: HttpRequest) -> Sequence[StaffLink]:
        return ()

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        guarded: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        @wraps(view)
        def entrance(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                if request.user.is_authenticated:
                    raise Http404
                return redirect_to_login(request.get_full_path(), self.sign_in_url())
            with self.surroundings(request):
                try:
                    response = guarded(request, *args, **kwargs)
                except PermissionDenied:
                    response = self.refusal(request, 403)
                except Http404:
                    response = self.refusal(request, 404)
                # A TemplateResponse would otherwise render outside, where times and scope are no longer ours.
                if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                    response.render()
            return response

        return entrance

    def refusal(self, request: HttpRequest, status: int) -> TemplateResponse:
        """A refused or missing page for somebody who does belong here, with the menu to go on."""
        title = "Your role does not open this page" if status == 403 else "There is nothing at this address"
        response = TemplateResponse(
            request,
            "admin/refused.html",
            {**self.each_context(request), "title": title, "status": status},
            status=status,
        )
        add_never_cache_headers(response)
        return response

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in _DROPPED]

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return _sign_out(request, self.sign_in_url())

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        person = request.user
        return {
            **context,
            "staff_name": str(person) if person.is_authenticated else "",
            "staff_links": self.staff_links(request),
        }

    def get_log_entries(self, request: HttpRequest) -> QuerySet[LogEntry]:
        # Django's log is untenanted and is not written; ours is merchants.AuditEntry.
        return LogEntry.objects.none()

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The menu: groups by job. Pages that the role may not open and groups without pages are left out."""
        pages: dict[str, Any] = {model._meta.label: model_admin for model, model_admin in self._registry.items()}
        groups: list[Any] = []
        for rank, (name, labels) in enumerate(self.menu):
            entries = [pages[label].menu_entry(request) for label in labels if label in pages]
            shown = [entry for entry in entries if entry is not None]
            if shown:
                is_current = any(entry["is_current"] for entry in shown)
                groups.append({"name": name, "app_label": f"group-{rank}", "models": shown, "is_current": is_current})
        return groups


@require_POST
def _sign_out(request: HttpRequest, url: str) -> HttpResponse:
    auth.logout(request)
    return HttpResponseRedirect(url)
