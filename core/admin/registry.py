"""Who shows what: rooms register models; upper rooms add columns, filters, panels and actions to lower rooms' pages.

Everything is keyed by the page, which is the model's label ("orders.Order") unless the ModelAdmin names another one, so
that an upper room needs no import of the lower room's admin.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.safestring import SafeString

from core.admin.bases import ModelAdmin

Context = dict[str, Any]
_Admin = TypeVar("_Admin", bound="type[ModelAdmin[Any]]")


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of an object's page. `context` answers None where there is nothing to show; then the panel is left out."""

    name: str
    template: str
    context: Callable[[HttpRequest, Any], Context | None]
    zone: str = "main"
    rank: int = 50
    requires: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A list column whose values are fetched for a whole page of objects at once, so it costs one query, not fifty."""

    name: str
    header: str
    values: Callable[[HttpRequest, Sequence[Any]], Mapping[UUID, SafeString | str]]
    rank: int = 50
    requires: tuple[str, str] | None = None
    order_by: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button on an object's page and, with a `list_label`, an entry of the list's menu.

    `done` is what the audit log calls it afterwards. `run` calls a service and answers with the sentence to show, or
    with a page of its own. `permission` is the pair (model label, action) of the role table. `snapshot` is what the
    audit log shows as before and after. Where the service itself writes the audit line, `is_audited_here` is False.
    """

    name: str
    done: str
    label: str
    permission: tuple[str, str]
    run: Callable[[HttpRequest, Any], str | HttpResponseBase]
    list_label: str = ""
    is_offered: Callable[[Any], bool] = lambda obj: True
    snapshot: Callable[[Any], dict[str, object]] = lambda obj: {}
    is_audited_here: bool = True
    # False for services that call out: nothing external runs inside a transaction.
    is_atomic: bool = True
    is_primary: bool = False
    zone: str = "tools"
    rank: int = 50


@dataclass(frozen=True, slots=True)
class ListButton:
    """A button above a list. `run` gets the list as it is filtered and searched, and answers with what is sent.

    `permission` is the pair (model label, action) of the role table.
    """

    name: str
    label: str
    permission: tuple[str, str]
    run: Callable[[HttpRequest, ChangeList], HttpResponseBase]
    rank: int = 50


@dataclass(slots=True)
class Additions:
    panels: list[Panel]
    columns: list[Column]
    actions: list[Action]
    filters: list[type[admin.SimpleListFilter]]
    list_buttons: list[ListButton]


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for a person, on the index page."""

    kind: str
    tag: str
    text: str
    link: str
    url: str


_todos: list[tuple[tuple[str, str], Callable[[HttpRequest], Todo | None]]] = []
_additions: dict[str, Additions] = defaultdict(lambda: Additions([], [], [], [], []))
_model_admins: dict[type[models.Model], type[ModelAdmin[Any]]] = {}


def register(model: type[models.Model]) -> Callable[[_Admin], _Admin]:
    """Class decorator: this ModelAdmin shows the model on the merchants' site."""

    def keep(model_admin: _Admin) -> _Admin:
        _model_admins[model] = model_admin
        return model_admin

    return keep


def registered() -> Iterable[tuple[type[models.Model], type[ModelAdmin[Any]]]]:
    return _model_admins.items()


def add_panel(page: str, panel: Panel) -> None:
    _additions[page].panels.append(panel)


def add_column(page: str, column: Column) -> None:
    _additions[page].columns.append(column)


def add_action(page: str, action: Action) -> None:
    _additions[page].actions.append(action)


def add_filter(page: str, list_filter: type[admin.SimpleListFilter]) -> None:
    _additions[page].filters.append(list_filter)


def add_list_button(page: str, button: ListButton) -> None:
    _additions[page].list_buttons.append(button)


def panels_of(page: str) -> list[Panel]:
    return sorted(_additions[page].panels, key=lambda panel: panel.rank)


def columns_of(page: str) -> list[Column]:
    return sorted(_additions[page].columns, key=lambda column: column.rank)


def actions_of(page: str) -> list[Action]:
    return sorted(_additions[page].actions, key=lambda action: action.rank)


def filters_of(page: str) -> list[type[admin.SimpleListFilter]]:
    return list(_additions[page].filters)


def list_buttons_of(page: str) -> list[ListButton]:
    return sorted(_additions[page].list_buttons, key=lambda button: button.rank)


def add_todo(requires: tuple[str, str], provider: Callable[[HttpRequest], Todo | None]) -> None:
    """`provider` answers what waits now, or None. Shown to roles that may do `requires` (model label, action)."""
    _todos.append((requires, provider))


def todos() -> Iterable[tuple[tuple[str, str], Callable[[HttpRequest], Todo | None]]]:
    return tuple(_todos)
