"""The audit log: who changed what, before and after."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.admin.filters import ChoiceFilter, DayFilter
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import Column, Context, Panel, add_column, add_panel, register
from core.admin.words import words_of
from merchants.audit_words import action_words, changes_of, with_actors
from merchants.models import AuditEntry

PAGE = "merchants.AuditEntry"


class ActorFilter(ChoiceFilter):
    title = "who"
    parameter_name = "who"
    field = "actor_type"


class WhenFilter(DayFilter):
    title = "when"
    parameter_name = "when"
    field = "at"


@register(AuditEntry)
class AuditAdmin(ObjectPageAdmin[AuditEntry]):
    menu_name = "Audit log"
    list_filter = (ActorFilter, WhenFilter)
    ordering = ("-at", "-id")
    search_fields = ("object_id",)
    list_empty = "Nothing has been changed yet."

    def object_title(self, obj: AuditEntry) -> str:
        return action_words(obj)

    def get_search_help_text(self, request: HttpRequest) -> str:
        return "Id of an order, key or person"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        term = search_term.strip()
        return (queryset.filter(object_id=term) if term else queryset), False


def _times(request: HttpRequest, entries: Sequence[AuditEntry]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {entry.pk: words.moment(entry.at) for entry in entries}


def _actors(request: HttpRequest, entries: Sequence[AuditEntry]) -> Mapping[UUID, str]:
    return {entry.pk: actor for entry, actor in with_actors(entries)}


def _actions(request: HttpRequest, entries: Sequence[AuditEntry]) -> Mapping[UUID, str]:
    return {entry.pk: action_words(entry) for entry in entries}


def _changes(request: HttpRequest, entries: Sequence[AuditEntry]) -> Mapping[UUID, SafeString]:
    return {entry.pk: render_to_string("admin/pro/changes.html", {"changes": changes_of(entry)}) for entry in entries}


def _facts(request: HttpRequest, entry: AuditEntry) -> Context:
    [(_, actor)] = with_actors([entry])
    return {
        "title": "Change",
        "facts": [
            ("When", words_of(request).moment(entry.at, "long")),
            ("Who", actor),
            ("What", entry.action),
            ("On", f"{entry.object_type} {entry.object_id}"),
            *((name.capitalize(), f"{before} → {after}") for name, before, after in changes_of(entry)),
        ],
    }


add_column(PAGE, Column("at", "When", _times, rank=5))
add_column(PAGE, Column("actor", "Who", _actors, rank=10))
add_column(PAGE, Column("action", "What", _actions, rank=20))
add_column(PAGE, Column("changes", "Before and after", _changes, rank=30))
add_panel(PAGE, Panel("facts", "admin/pro/facts.html", _facts))
