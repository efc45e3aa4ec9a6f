"""ScopedModelAdmin: every row, foreign key and action of an admin page stays with the merchant of the address."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from core.admin import registry
from core.admin.actions import bulk_action, run_action
from core.admin.bases import ModelAdmin, ModelForm
from core.admin.paging import CappedPaginator, ScopedChangeList
from core.admin.site import ScopedAdminSite
from core.admin.words import words_of
from core.errors import DomainError

_M = TypeVar("_M", bound=models.Model)


class ScopedModelAdmin(ModelAdmin[_M]):
    """Permissions come from the site's role table, panels, columns and buttons also from the registry.

    Nothing is ever deleted here: rooms archive, revoke or close through their services.
    """

    admin_site: ScopedAdminSite
    list_display: Any = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    actions = ()
    # Of `list_display`; a registered column says itself what it is sorted by.
    sortable_by: ClassVar[Any] = ()
    # Whether the search answers with `only_first` matches.
    search_is_cut = False
    save_as = False
    view_on_site = False

    menu_name: str = ""
    list_intro: str = ""
    list_empty: str = "Nothing here yet."
    add_label: str = ""
    add_button: str = "Save"
    # Audited by name only: the log holds ids, never personal data or secrets.
    personal_fields: frozenset[str] = frozenset()

    @property
    def page(self) -> str:
        """The key of this page in the registry and the role table."""
        return str(self.model._meta.label)

    # Who may

    def _may(self, request: HttpRequest, action: str) -> bool:
        return self.admin_site.allows(request, self.page, action)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "add")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "view")

    # Addresses and menu

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def page_url(self, page: str, *args: object) -> str:
        return reverse(f"admin:{self._url_name(page)}", args=args, current_app=self.admin_site.name)

    def get_urls(self) -> list[URLPattern]:
        do = self.admin_site.admin_view(self.action_view)
        kept = [url for url in super().get_urls() if url.name is not None and not url.name.endswith("_delete")]
        list_do = self.admin_site.admin_view(self.list_button_view)
        return [
            path("do/<slug:name>/", list_do, name=self._url_name("list_do")),
            path("<path:object_id>/do/<slug:name>/", do, name=self._url_name("do")),
            *kept,
        ]

    @property
    def title_plural(self) -> str:
        name = self.menu_name or str(self.opts.verbose_name_plural)
        return name[:1].upper() + name[1:]

    def menu_entry(self, request: HttpRequest) -> dict[str, Any] | None:
        """This page's line in the sidebar, or None where the role may not open it."""
        if not self.has_module_permission(request):
            return None
        url = self.page_url("changelist")
        return {
            "name": self.title_plural,
            "object_name": self.opts.object_name,
            "admin_url": url,
            "add_url": self.page_url("add") if self.has_add_permission(request) else None,
            "is_current": request.path.startswith(url),
        }

    # Lists

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ScopedChangeList]:
        return ScopedChangeList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = [c for c in registry.columns_of(self.page) if c.requires is None or self._allows(request, c.requires)]
        return [*super().get_list_display(request), *map(_cell, columns)]

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        return [*self.sortable_by, *(column.name for column in registry.columns_of(self.page) if column.order_by)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), *registry.filters_of(self.page)]

    def get_search_help_text(self, request: HttpRequest) -> str:
        return str(self.search_help_text or "")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        changelist.search_help_text = self.get_search_help_text(request)
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words = {
            "title": self.title_plural,
            "list_title": self.title_plural,
            "list_intro": self.list_intro,
            "list_empty": self.list_empty,
            "add_label": self.add_label or f"Add {self.opts.verbose_name}",
            "list_buttons": self.list_buttons(request),
        }
        return super().changelist_view(request, {**words, **(extra_context or {})})

    def list_buttons(self, request: HttpRequest) -> list[dict[str, str]]:
        """The registered buttons that the reader's role may press; they take the list's filters and search along."""
        chosen = request.GET.copy()
        chosen.pop(PAGE_VAR, None)
        return [
            {"label": button.label, "url": f"{self.page_url('list_do', button.name)}?{chosen.urlencode()}"}
            for button in registry.list_buttons_of(self.page)
            if self._allows(request, button.permission)
        ]

    def list_button_view(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """Press a button above the list: POST only, permission first."""
        button = next((button for button in registry.list_buttons_of(self.page) if button.name == name), None)
        if button is None:
            raise Http404
        if not self._allows(request, button.permission):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.page_url("changelist"))
        return button.run(request, changelist)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {
            action.name: (bulk_action(action), action.name, action.list_label)
            for action in registry.actions_of(self.page)
            if action.list_label and self._allows(request, action.permission)
        }

    def get_action_choices(self, request: HttpRequest, default_choices: Any = ()) -> list[tuple[str, str]]:
        return super().get_action_choices(request, default_choices=[("", "Choose an action")])

    # Objects

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> _M:
        obj = super().get_object(request, object_id, from_field)
        if obj is None:
            raise Http404
        return obj

    def _allows(self, request: HttpRequest, permission: tuple[str, str]) -> bool:
        return self.admin_site.allows(request, *permission)

    def panels(self, request: HttpRequest, obj: _M) -> dict[str, list[dict[str, Any]]]:
        """The registered panels by zone, each with its template and its values."""
        zones: dict[str, list[dict[str, Any]]] = {"main": [], "aside": []}
        for panel in registry.panels_of(self.page):
            if panel.requires is not None and not self._allows(request, panel.requires):
                continue
            context = panel.context(request, obj)
            if context is not None:
                zones[panel.zone].append({"name": panel.name, "template": panel.template, "values": context})
        return zones

    def buttons(self, request: HttpRequest, obj: _M, zone: str = "tools") -> list[dict[str, Any]]:
        """The registered actions that the reader's role may use on this object now."""
        return [
            {"label": action.label, "url": self.page_url("do", obj.pk, action.name), "is_primary": action.is_primary}
            for action in registry.actions_of(self.page)
            if action.zone == zone and self._allows(request, action.permission) and action.is_offered(obj)
        ]

    def object_title(self, obj: _M) -> str:
        return str(obj)

    def object_context(self, request: HttpRequest, obj: _M) -> dict[str, Any]:
        return {
            "title": self.object_title(obj),
            "subtitle": None,
            "panels": self.panels(request, obj),
            "buttons": self.buttons(request, obj),
            "window_buttons": self.buttons(request, obj, "window"),
            "history_url": self.page_url("history", obj.pk),
            "list_url": self.page_url("changelist"),
            "list_title": self.title_plural,
        }

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        context = {**self.object_context(request, obj), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words = {
            "title": self.add_label or f"Add {self.opts.verbose_name}",
            "subtitle": None,
            "save_label": self.add_button,
            "list_url": self.page_url("changelist"),
            "list_title": self.title_plural,
        }
        return super().add_view(request, form_url, {**words, **(extra_context or {})})

    def action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponseBase:
        """Press a registered button: POST only, permission first, refusals as a message on the same page."""
        obj = self.get_object(request, unquote(object_id))
        action = next((action for action in registry.actions_of(self.page) if action.name == name), None)
        if action is None:
            raise Http404
        if not self._allows(request, action.permission):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        back = HttpResponseRedirect(self.page_url("change", obj.pk))
        if not action.is_offered(obj):
            messages.error(request, "This cannot be done any more. Here is the latest.")
            return back
        try:
            outcome = run_action(self.admin_site, request, action, obj)
        except DomainError as error:
            messages.error(request, str(error))
            return back
        if isinstance(outcome, TemplateResponse):  # a page of its own, in the site's frame
            outcome.context_data = {**self.admin_site.each_context(request), **(outcome.context_data or {})}
        if isinstance(outcome, HttpResponseBase):
            return outcome
        messages.success(request, outcome)
        return back

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {self.object_title(obj)}",
            "entries": [
                {
                    "at": words_of(request).moment(e.at, "medium"),
                    "actor": e.actor,
                    "action": e.action,
                    "changes": e.changes,
                }
                for e in self.admin_site.history_of(request, obj)
            ],
            "object_title": self.object_title(obj),
            "object_url": self.page_url("change", obj.pk),
            "list_url": self.page_url("changelist"),
            "list_title": self.title_plural,
            "opts": self.opts,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/object_history.html", context)

    # Changes are audited in their own transaction; Django's log is not written.

    def save_model(self, request: HttpRequest, obj: _M, form: ModelForm[_M], change: bool) -> None:
        names = form.changed_data
        before = self._values(self.model._default_manager.get(pk=obj.pk), names) if change else {}
        super().save_model(request, obj, form, change)
        if names or not change:
            self.admin_site.record(request, obj, "changed" if change else "added", before, self._values(obj, names))

    def _values(self, obj: models.Model, names: Sequence[str]) -> dict[str, object]:
        known = {field.name: field.attname for field in obj._meta.concrete_fields}
        return {
            name: "(not kept)" if name in self.personal_fields else getattr(obj, known[name])
            for name in names
            if name in known
        }

    def response_add(self, request: HttpRequest, obj: _M, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, f"{obj} is saved.")
        return HttpResponseRedirect(self.page_url("changelist"))

    def response_change(self, request: HttpRequest, obj: _M) -> HttpResponse:
        messages.success(request, "Your changes are saved.")
        return HttpResponseRedirect(self.page_url("change", obj.pk))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        return []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None: ...  # type: ignore[override]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None: ...  # type: ignore[override]


class ObjectPageAdmin(ScopedModelAdmin[_M]):
    """A read-only object: its page is made of panels, its changes are buttons that call services."""

    object_template = "admin/object_page.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def object_tags(self, request: HttpRequest, obj: _M) -> Sequence[tuple[str, str]]:
        """(kind, words) under the title; kinds are ok, warn, bad, info, gold or empty."""
        return ()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = {
            **self.admin_site.each_context(request),
            **self.object_context(request, obj),
            "tags": self.object_tags(request, obj),
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.object_template, context)


def _cell(column: registry.Column) -> Callable[[models.Model], Any]:
    def value(obj: models.Model) -> Any:
        return getattr(obj, f"_column_{column.name}")

    value.__name__ = column.name
    value.short_description = column.header  # type: ignore[attr-defined]
    if column.order_by:
        value.admin_order_field = column.order_by  # type: ignore[attr-defined]
    return value
