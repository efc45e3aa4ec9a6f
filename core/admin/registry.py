"""Who shows what: rooms register their models, and upper rooms add columns, filters, panels and actions to a lower room's page.

Everything is keyed by model label ("orders.Order"), so that an upper room needs no import of the lower room's admin.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

Context = dict[str, Any]
_Admin = TypeVar("_Admin", bound="type[admin.ModelAdmin[Any]]")


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


@dataclass(frozen=True, slots=True)
class Action:
    """A button on an object's page and, with `in_list`, an entry of the list's menu.

    `run` calls a service and answers with the sentence to show, or with a page of its own. `permission` is the pair
    (model label, action) of the role table. `snapshot` is what the audit log shows as before and after. Where the
    service itself writes the audit line, `is_audited_here` is False.
    """

    name: str
    label: str
    permission: tuple[str, str]
    run: Callable[[HttpRequest, Any], str | HttpResponse]
    list_label: str = ""
    is_offered: Callable[[Any], bool] = lambda obj: True
    snapshot: Callable[[Any], dict[str, object]] = lambda obj: {}
    is_audited_here: bool = True
    is_primary: bool = False
    zone: str = "tools"
    rank: int = 50


@dataclass(slots=True)
class Additions:
    panels: list[Panel]
    columns: list[Column]
    actions: list[Action]
    filters: list[type[admin.SimpleListFilter]]


_additions: dict[str, Additions] = defaultdict(lambda: Additions([], [], [], []))
_model_admins: dict[type[models.Model], type[admin.ModelAdmin[Any]]] = {}


def register(model: type[models.Model]) -> Callable[[_Admin], _Admin]:
    """Class decorator: this ModelAdmin shows the model on the merchants' site."""

    def keep(model_admin: _Admin) -> _Admin:
        _model_admins[model] = model_admin
        return model_admin

    return keep


def registered() -> Iterable[tuple[type[models.Model], type[admin.ModelAdmin[Any]]]]:
    return _model_admins.items()


def add_panel(model_label: str, panel: Panel) -> None:
    _additions[model_label].panels.append(panel)


def add_column(model_label: str, column: Column) -> None:
    _additions[model_label].columns.append(column)


def add_action(model_label: str, action: Action) -> None:
    _additions[model_label].actions.append(action)


def add_filter(model_label: str, list_filter: type[admin.SimpleListFilter]) -> None:
    _additions[model_label].filters.append(list_filter)


def panels_of(model: type[models.Model]) -> list[Panel]:
    return sorted(_additions[model._meta.label].panels, key=lambda panel: panel.rank)


def columns_of(model: type[models.Model]) -> list[Column]:
    return sorted(_additions[model._meta.label].columns, key=lambda column: column.rank)


def actions_of(model: type[models.Model]) -> list[Action]:
    return sorted(_additions[model._meta.label].actions, key=lambda action: action.rank)


def filters_of(model: type[models.Model]) -> list[type[admin.SimpleListFilter]]:
    return list(_additions[model._meta.label].filters)
