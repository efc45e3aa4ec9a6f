"""Two lists to read: alerts, open and gone, and the merchants that were deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin.filters import OneOf
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import Action, Column, Context, Panel, add_action, add_column, add_panel
from core.admin.tags import tag
from core.admin.words import words_of
from core.alerts import alert_resolve
from core.models import Alert
from merchants.models import MerchantDeletion

ALERTS, DELETIONS = "platform.Alert", "platform.MerchantDeletion"


class OpenFilter(OneOf):
    title = "state"
    parameter_name = "state"
    options = (("open", "Open"), ("gone", "Gone"))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(resolved_at__isnull=value == "open")


class AlertsAdmin(ObjectPageAdmin[Alert]):
    menu_name = "Alerts"
    list_display = ("message",)
    list_filter = (OpenFilter,)
    ordering = ("-raised_at", "-id")
    list_intro = "What operators were mailed about. An alert ends by itself when its cause is gone."
    list_empty = "Nothing was ever wrong."

    @property
    def page(self) -> str:
        return ALERTS

    def object_title(self, obj: Alert) -> str:
        return obj.message

    def object_tags(self, request: HttpRequest, obj: Alert) -> Sequence[tuple[str, str]]:
        return [_state(obj)]


class DeletionsAdmin(ObjectPageAdmin[MerchantDeletion]):
    menu_name = "Deleted merchants"
    list_display = ("name",)
    ordering = ("-started_at", "-id")
    search_fields = ("slug",)
    search_help_text = "Address of the merchant, as it was"
    list_intro = "All that is kept of a merchant that is gone: that it was here, and how much was deleted."
    list_empty = "No merchant was deleted."

    @property
    def page(self) -> str:
        return DELETIONS

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[MerchantDeletion], search_term: str
    ) -> tuple[QuerySet[MerchantDeletion], bool]:
        slug = search_term.strip()
        return (queryset.filter(slug=slug) if slug else queryset), False

    def object_tags(self, request: HttpRequest, obj: MerchantDeletion) -> Sequence[tuple[str, str]]:
        return [_progress(obj)]


def _state(alert: Alert) -> tuple[str, str]:
    return ("bad", "Open") if alert.resolved_at is None else ("ok", "Gone")


def _alert_states(request: HttpRequest, alerts: Sequence[Alert]) -> Mapping[Any, SafeString]:
    return {alert.pk: tag(words, tone) for alert in alerts for tone, words in [_state(alert)]}


def _raised(request: HttpRequest, alerts: Sequence[Alert]) -> Mapping[Any, str]:
    return {alert.pk: words_of(request).moment(alert.raised_at) for alert in alerts}


def _alert_facts(request: HttpRequest, alert: Alert) -> Context:
    words = words_of(request)
    mailed = words.moment(alert.mailed_at) if alert.mailed_at else "Not yet" if alert.mail_due_at else "–"
    return {
        "title": "Alert",
        "facts": [
            ("Kind", alert.kind.replace("_", " ")),
            ("Since", words.moment(alert.raised_at)),
            ("Last seen", words.moment(alert.seen_at)),
            ("Mailed", mailed),
            ("Gone", words.moment(alert.resolved_at)),
        ],
    }


def _resolve(request: HttpRequest, alert: Alert) -> str:
    alert_resolve(alert.kind, alert.key)
    return "The alert is closed. It comes back if its cause is still there."


def _progress(deletion: MerchantDeletion) -> tuple[str, str]:
    return ("info", "Being deleted") if deletion.finished_at is None else ("", "Deleted")


def _progresses(request: HttpRequest, deletions: Sequence[MerchantDeletion]) -> Mapping[Any, SafeString]:
    return {one.pk: tag(words, tone) for one in deletions for tone, words in [_progress(one)]}


def _finished(request: HttpRequest, deletions: Sequence[MerchantDeletion]) -> Mapping[Any, str]:
    return {one.pk: words_of(request).moment(one.finished_at) for one in deletions}


def _rows(request: HttpRequest, deletions: Sequence[MerchantDeletion]) -> Mapping[Any, str]:
    return {one.pk: words_of(request).number(sum(one.rows.values())) for one in deletions}


def _deletion_facts(request: HttpRequest, deletion: MerchantDeletion) -> Context:
    words = words_of(request)
    return {
        "title": "Deletion",
        "facts": [
            ("Address", f"/m/{deletion.slug}/"),
            ("Asked for", words.moment(deletion.requested_at)),
            ("By", deletion.requested_by),
            ("Begun", words.moment(deletion.started_at)),
            ("Done", words.moment(deletion.finished_at)),
        ],
    }


def _deleted_rows(request: HttpRequest, deletion: MerchantDeletion) -> Context:
    rows = sorted(deletion.rows.items())
    return {"title": "Deleted rows", "facts": [(label, words_of(request).number(count)) for label, count in rows]}


add_column(ALERTS, Column("state", "State", _alert_states, rank=10))
add_column(ALERTS, Column("since", "Since", _raised, rank=20))
add_panel(ALERTS, Panel("facts", "admin/pro/facts.html", _alert_facts))
add_action(
    ALERTS,
    Action(
        "resolve",
        "resolved",
        "Close",
        (ALERTS, "resolve"),
        _resolve,
        is_offered=lambda alert: alert.resolved_at is None,
        is_audited_here=False,  # alerts belong to no merchant, and the log to merchants
    ),
)
add_column(DELETIONS, Column("state", "State", _progresses, rank=10))
add_column(DELETIONS, Column("finished", "Done", _finished, rank=20))
add_column(DELETIONS, Column("rows_deleted", "Rows", _rows, rank=30))
add_panel(DELETIONS, Panel("facts", "admin/pro/facts.html", _deletion_facts, rank=10))
add_panel(DELETIONS, Panel("rows", "admin/pro/facts.html", _deleted_rows, rank=20))
