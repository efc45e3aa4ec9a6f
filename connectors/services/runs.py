"""A run from outside: made, started, stopped, forgotten. What happens in between: `drive`."""

import uuid
from datetime import timedelta

from django.db import transaction

from connectors.errors import ImportNotPossible, ImportRunNotFound
from connectors.imports.profile import Profile
from connectors.models import ImportProfile, ImportRun
from core import clock, outbox
from core.files import file_delete
from core.models import StoredFile
from merchants.models import User

DRIVE_TASK = "connectors.imports_drive"
FILE_PURPOSE = "import"
# How long the file of a run that did not end well is kept.
FILE_KEPT_FOR = timedelta(days=7)
# The error code of a run that made no way however often it was taken up.
STOPPED = "stopped_repeatedly"
State = ImportRun.State


def run_create_from_upload(*, profile: ImportProfile, file: StoredFile, started_by: User | None) -> ImportRun:
    """A worker reads the file and shows what it would store; nothing is stored before `run_start`."""
    with transaction.atomic():
        run = ImportRun.objects.create(
            kind=profile.kind,
            profile_name=profile.name,
            profile_settings=profile.settings,
            is_upload=True,
            file=file,
            file_name=file.name,
            sha256=file.sha256,
            size=file.size,
            state=State.CHECKING,
            started_by=started_by,
        )
        transaction.on_commit(_tell)
    return run


def run_create_from_path(*, profile: ImportProfile, settings: Profile, name: str, sha256: str, size: int) -> ImportRun:
    """The unfinished run of the same file under the same settings, or a new one. The caller drives it."""
    same = ImportRun.objects.filter(
        sha256=sha256, size=size, kind=profile.kind, profile_name=profile.name, is_upload=False
    )
    for run in same.filter(state__in=ImportRun.DRIVEN).order_by("-created_at"):
        if run.profile_settings == settings.dump():
            return run
    return ImportRun.objects.create(
        kind=profile.kind,
        profile_name=profile.name,
        profile_settings=settings.dump(),
        is_upload=False,
        file_name=name[-255:],
        sha256=sha256,
        size=size,
        state=State.QUEUED,
    )


def run_get(run_id: uuid.UUID) -> ImportRun:
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        raise ImportRunNotFound
    return run


def run_start(*, run_id: uuid.UUID) -> ImportRun:
    """The preview was looked at. Raises ImportRunNotFound, ImportNotPossible."""
    return _move(run_id, (State.PREVIEWED,), State.QUEUED, preview="")


def can_continue(run: ImportRun) -> bool:
    """Stopped by a person or by faults around it, and its file is still there."""
    by_faults = run.state == State.FAILED and run.error_code == STOPPED
    return (run.state == State.CANCELLED or by_faults) and run.started_at is not None and run.file_id is not None


def run_continue(*, run_id: uuid.UUID) -> ImportRun:
    """Take a stopped run up again where it stopped. Raises ImportRunNotFound, ImportNotPossible."""
    run = run_get(run_id)
    if not can_continue(run):
        raise ImportNotPossible(state=run.get_state_display())
    ended = State(run.state)
    return _move(run_id, (ended,), State.QUEUED, finished_at=None, takes=0, error="", error_code="")


def run_cancel(*, run_id: uuid.UUID) -> ImportRun:
    """Stop after the batch that is under way; what is stored stays. Raises ImportRunNotFound, ImportNotPossible."""
    return _move(run_id, (State.CHECKING, State.QUEUED, State.RUNNING), State.CANCELLING)


def run_discard(*, run_id: uuid.UUID) -> ImportRun:
    """Nothing was stored; the file goes at once. Raises ImportRunNotFound, ImportNotPossible."""
    with transaction.atomic():
        run = _move(run_id, (State.PREVIEWED,), State.CANCELLED, preview="", finished_at=clock.now())
        file_forget(run)
    return run


def file_forget(run: ImportRun) -> None:
    """Delete the uploaded file; the run stays as its record."""
    file = StoredFile.objects.filter(pk=run.file_id).first() if run.file_id else None
    if file is not None:
        file_delete(file)
        run.file = None


def _move(run_id: uuid.UUID, before: tuple[State, ...], after: State, **values: object) -> ImportRun:
    with transaction.atomic():
        if not ImportRun.objects.filter(pk=run_id, state__in=before).update(state=after, **values):
            raise ImportNotPossible(state=run_get(run_id).get_state_display())
        if after in ImportRun.DRIVEN:
            transaction.on_commit(_tell)
        return run_get(run_id)


def _tell() -> None:
    outbox.tell_worker(DRIVE_TASK)
