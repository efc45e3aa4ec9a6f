"""Imports: the list with its progress, the page of one run, and its buttons."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from connectors.admin.panels import RUN, facts, notes, preview, progress, refusal, result
from connectors.admin.upload import upload_page
from connectors.models import ImportRun
from connectors.services.report import report_chunks
from connectors.services.runs import can_continue, run_cancel, run_continue, run_discard, run_start
from core.admin.filters import ChoiceFilter, StateFilter
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import (
    Action,
    Column,
    Panel,
    Todo,
    add_action,
    add_column,
    add_panel,
    add_todo,
    register,
)
from core.admin.tags import NONE, tag
from core.admin.words import words_of

State = ImportRun.State
TONES = {
    State.CHECKING: "info",
    State.PREVIEWED: "warn",
    State.QUEUED: "info",
    State.RUNNING: "info",
    State.CANCELLING: "warn",
    State.CANCELLED: "",
    State.DONE: "ok",
    State.FAILED: "bad",
}


class KindFilter(ChoiceFilter):
    title = "contents"
    parameter_name = "kind"
    field = "kind"


@register(ImportRun)
class ImportAdmin(ObjectPageAdmin[ImportRun]):
    menu_name = "Imports"
    add_label = "Import a file"
    list_display = ("file_name",)
    list_filter = (KindFilter, StateFilter)
    ordering = ("-created_at", "-id")
    list_intro = "Products, customers, orders and gift cards from files. Nothing is stored before you have seen what."
    list_empty = "No file yet. Import one to bring in what your shop has sold so far."
    object_template = "admin/connectors/import.html"

    class Media:
        css = {"all": ("connectors/imports.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        return super().get_queryset(request).defer("preview", "profile_settings")

    def object_title(self, obj: ImportRun) -> str:
        return obj.file_name

    def object_tags(self, request: HttpRequest, obj: ImportRun) -> Sequence[tuple[str, str]]:
        return [("", obj.get_kind_display()), (TONES[State(obj.state)], obj.get_state_display())]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return upload_page(self, request)


def _column(name: str, header: str, show: Callable[[HttpRequest, ImportRun], SafeString | str], rank: int) -> None:
    def values(request: HttpRequest, runs: Sequence[ImportRun]) -> Mapping[UUID, SafeString | str]:
        return {run.pk: show(request, run) for run in runs}

    add_column(RUN, Column(name, header, values, rank=rank))


def _bar(request: HttpRequest, run: ImportRun) -> SafeString | str:
    """Of what is under way a bar, of what has ended the lines that were taken."""
    words = words_of(request)
    if run.has_ended or run.state == State.PREVIEWED:
        lines = run.counts.get("lines", {})
        taken = lines.get("imported", 0) if run.has_ended else 0
        return f"{words.number(taken)} of {words.number(lines['in'])} lines" if lines else NONE
    done, total = (run.items_done, run.items_total) if run.items_total else (run.bytes_read, run.size)
    label = f"{run.file_name}: {words.percent(done / max(total, 1), 0)}"
    return format_html(
        '<progress class="pro-bar" value="{}" max="{}" aria-label="{}">{}</progress>', done, max(total, 1), label, label
    )


_column("kind", "Contents", lambda request, run: run.get_kind_display(), 10)
_column("state", "State", lambda request, run: tag(run.get_state_display(), TONES[State(run.state)]), 20)
_column("progress", "Taken", _bar, 30)
_column("at", "Begun", lambda request, run: words_of(request).moment(run.created_at), 40)

add_panel(RUN, Panel("progress", "admin/connectors/progress.html", progress, rank=10))
add_panel(RUN, Panel("refusal", "admin/connectors/refusal.html", refusal, rank=20))
add_panel(RUN, Panel("result", "admin/connectors/result.html", result, rank=30))
add_panel(RUN, Panel("preview", "admin/connectors/preview.html", preview, rank=40))
add_panel(RUN, Panel("notes", "admin/connectors/notes.html", notes, rank=50))
add_panel(RUN, Panel("facts", "admin/connectors/facts.html", facts, "aside"))


def _start(request: HttpRequest, run: ImportRun) -> str:
    run_start(run_id=run.pk)
    return "The import is started. You can leave this page; it goes on."


def _discard(request: HttpRequest, run: ImportRun) -> str:
    run_discard(run_id=run.pk)
    return "The file is deleted. Nothing of it was stored."


def _continue(request: HttpRequest, run: ImportRun) -> str:
    run_continue(run_id=run.pk)
    return "The import goes on where it stopped."


def _cancel(request: HttpRequest, run: ImportRun) -> str | HttpResponse:
    """Asks first: the button's form has no `confirmed`, that of the page has."""
    if "confirmed" not in request.POST:
        return TemplateResponse(request, "admin/connectors/stop.html", {"title": "Stop the import?", "run": run})
    run_cancel(run_id=run.pk)
    return "The import stops after the part that it is at. What is stored stays."


def _report(request: HttpRequest, run: ImportRun) -> StreamingHttpResponse:
    name = f"import-report-{run.created_at:%Y-%m-%d}-{run.pk.hex[-6:]}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(report_chunks(run), content_type="text/csv; charset=utf-8", headers=headers)


def _state(run: ImportRun) -> dict[str, object]:
    return {"state": ImportRun.objects.values_list("state", flat=True).get(pk=run.pk)}


def _is(*states: State) -> Callable[[ImportRun], bool]:
    return lambda run: run.state in states


add_action(
    RUN,
    Action(
        "start",
        "started",
        "Start import",
        (RUN, "start"),
        _start,
        is_offered=_is(State.PREVIEWED),
        snapshot=_state,
        is_primary=True,
        rank=10,
    ),
)
add_action(
    RUN,
    Action(
        "discard",
        "discarded",
        "Discard",
        (RUN, "start"),
        _discard,
        is_offered=_is(State.PREVIEWED),
        snapshot=_state,
        rank=20,
    ),
)
add_action(
    RUN,
    Action(
        "continue",
        "continued",
        "Continue",
        (RUN, "start"),
        _continue,
        is_offered=can_continue,
        snapshot=_state,
        is_primary=True,
        rank=30,
    ),
)
add_action(
    RUN,
    Action(
        "cancel",
        "stopped",
        "Stop",
        (RUN, "start"),
        _cancel,
        is_offered=_is(State.CHECKING, State.QUEUED, State.RUNNING),
        snapshot=_state,
        rank=40,
    ),
)
add_action(
    RUN,
    Action(
        "report",
        "report_taken",
        "Download report",
        (RUN, "view"),
        _report,
        is_offered=lambda run: run.has_ended and bool(run.counts),
        rank=50,
    ),
)


def _waiting(request: HttpRequest) -> Todo | None:
    count = ImportRun.objects.filter(state=State.PREVIEWED).count()
    if not count:
        return None
    text = "1 file was read and waits to be imported" if count == 1 else f"{count} files wait to be imported"
    return Todo(
        "info", "Import", text, "Look", f"{reverse('admin:connectors_importrun_changelist')}?state={State.PREVIEWED}"
    )


add_todo((RUN, "start"), _waiting)
