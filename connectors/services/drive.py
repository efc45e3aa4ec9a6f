"""Driving a run: read the file once, then batch after batch, each in one transaction with all that is told about it.

A driver that is killed leaves whole batches; the next one reads the file again and goes on at the checkpoint.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import structlog
from django.db import DatabaseError, transaction

from connectors.imports.plan import Batch, FileRefused, Survey
from connectors.imports.profile import InvalidProfile, Profile
from connectors.imports.survey import survey
from connectors.models import ImportKind, ImportRun
from connectors.rules import IMPORTED, REPORTED, Tally, is_reconciled
from connectors.services.lease import LeaseLost, lease_drop, lease_take, lease_write
from connectors.services.notes import notes_of_items, notes_store
from connectors.services.preview import preview_make
from connectors.services.runs import STOPPED, file_forget, run_get
from connectors.services.store import items_store
from core import clock
from core.alerts import alert_raise
from core.files import file_open
from core.models import StoredFile
from core.tenancy import require_merchant_id
from merchants.models import Merchant

log = structlog.get_logger(__name__)

State = ImportRun.State
# A run that stops so often at the same place will stop there again.
MAX_TAKES = 10
# How often a process that reads says that it is alive.
SIGN_SECONDS = 3.0

OpenFile = Callable[[], BinaryIO]
Watcher = Callable[[ImportRun], None]


class _Stopped(Exception):
    """Somebody cancelled the run."""


class _Yielded(Exception):
    """Others wait; the run goes on later."""


def run_drive(
    run: ImportRun,
    *,
    open_file: OpenFile | None = None,
    watch: Watcher = lambda run: None,
    is_over: Callable[[], bool] = lambda: False,
) -> ImportRun:
    """Drive the run in the open scope to where a worker has nothing more to do; at once if somebody else does.

    `open_file` opens the file of a command's run. `watch` is called after every step. `is_over` is asked after every
    batch whether to leave the rest for later.
    """
    owner = lease_take(run)
    if owner is None:
        return run_get(run.pk)
    driver = _Driver(run_get(run.pk), owner, watch, is_over)
    try:
        with _collecting_between_batches():
            driver.drive(open_file or driver.open_upload)
    except _Yielded:
        log.info("import_yields", run_id=str(run.pk))
    except LeaseLost:
        log.warning("import_lease_lost", run_id=str(run.pk))
    except DatabaseError as error:  # a lock that could not be had, a server that restarts: the next driver goes on
        log.error("import_interrupted", run_id=str(run.pk), exc_info=error)
    finally:
        lease_drop(run, owner)
    return run_get(run.pk)


@contextmanager
def _collecting_between_batches() -> Iterator[None]:
    """Python's collector would walk over the hundred thousand objects of a batch again and again while they are made: a
    third of the time. Instead it looks once after each batch, when they are gone.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Driver:
    def __init__(self, run: ImportRun, owner: str, watch: Watcher, is_over: Callable[[], bool]) -> None:
        self.run, self.owner, self.watch, self.is_over = run, owner, watch, is_over
        self.profile: Profile
        self._next_sign = 0.0

    def drive(self, open_file: OpenFile) -> None:
        if self.run.state == State.CANCELLING:
            self._end(State.CANCELLED)
        elif self.run.takes > MAX_TAKES:
            self._fail(STOPPED, f"The import stopped {MAX_TAKES} times at the same place.")
        else:
            try:
                self.profile = Profile.parse(self.run.profile_settings)
                with open_file() as stream, self._survey(stream) as found:
                    if self.run.state == State.CHECKING:
                        self._preview(found)
                    else:
                        self._store(found)
            except _Stopped:
                self._end(State.CANCELLED)
            except InvalidProfile as error:
                self._fail(error.code, "The profile cannot be used any more. Save it again, and import the file again.")
            except FileRefused as refusal:
                self._fail(refusal.code, refusal.message, refusal.line, refusal.column)

    def open_upload(self) -> BinaryIO:
        file = StoredFile.objects.filter(pk=self.run.file_id).first() if self.run.file_id else None
        if file is None:
            raise FileRefused("file_deleted", "The file was deleted before the import was done. Upload it again.")
        return file_open(file)

    def _survey(self, stream: BinaryIO) -> Survey:
        zone = Merchant.objects.get(pk=require_merchant_id()).time_zone
        return survey(stream, self.profile, zone_default=zone, on_progress=self._sign)

    def _sign(self, bytes_read: int) -> None:
        """Alive, and so far. Raises _Stopped when the run was cancelled, LeaseLost."""
        if time.monotonic() < self._next_sign:
            return
        self._next_sign = time.monotonic() + SIGN_SECONDS
        lease_write(self.run, self.owner, bytes_read=bytes_read)
        self._look()
        self.watch(self.run)

    def _look(self) -> None:
        self.run.state = ImportRun.objects.values_list("state", flat=True).get(pk=self.run.pk)
        if self.run.state == State.CANCELLING:
            raise _Stopped

    def _preview(self, found: Survey) -> None:
        tally = Tally({}, {})
        tally.expect(found.lines_in, found.sum_in)
        text = preview_make(found, tally, profile=self.profile, on_batch=self._after_previewed_batch)
        self._move(
            State.CHECKING,
            State.PREVIEWED,
            preview=text,
            counts=tally.counts,
            sums=tally.sums,
            items_total=sum(found.items.values()),
            bytes_read=self.run.size,
            takes=0,
        )

    def _after_previewed_batch(self) -> None:
        gc.collect(0)
        self._sign(self.run.size)

    def _store(self, found: Survey) -> None:
        if self.run.state == State.QUEUED:
            # The preview's counts were of what it expected.
            tally = Tally({}, {}) if self.run.checkpoint == 0 else Tally.of(self.run.counts, self.run.sums)
            tally.expect(found.lines_in, found.sum_in)
            self._move(
                State.QUEUED,
                State.RUNNING,
                counts=tally.counts,
                sums=tally.sums,
                items_total=sum(found.items.values()),
                bytes_read=self.run.size,
                started_at=self.run.started_at or clock.now(),
            )
        for batch in found.batches(start=self.run.checkpoint):
            self._look()
            self._store_batch(batch)
            gc.collect(0)
            self.watch(self.run)
            if self.is_over():
                raise _Yielded
        self._look()
        self._finish()

    def _store_batch(self, batch: Batch) -> None:
        is_derived = self.profile.kind == ImportKind.ORDERS
        tally = Tally.of(self.run.counts, self.run.sums)
        with transaction.atomic():
            outcomes = items_store(batch.items, source=self.profile.source, is_derived=is_derived)
            notes = [*batch.notes, *notes_of_items(batch.items, outcomes)]
            for item, outcome in zip(batch.items, outcomes, strict=True):
                tally.count(batch.phase, outcome.word)
                if outcome.refused is None:
                    tally.add(IMPORTED, len(item.lines), item.amount, item.currency)
            for note in notes:
                tally.add(REPORTED, int(note.is_line), note.amount, note.currency)
            notes_store(self.run, batch.phase, notes)
            lease_write(
                self.run,
                self.owner,
                checkpoint=batch.number + 1,
                items_done=self.run.items_done + len(batch.items),
                counts=tally.counts,
                sums=tally.sums,
                takes=0,
            )

    def _finish(self) -> None:
        if is_reconciled(self.run.counts, self.run.sums):
            with transaction.atomic():
                self._end(State.DONE)
                file_forget(self.run)
            return
        message = "What was imported and what was reported do not add up to the file. See the report."
        self._fail("not_reconciled", message)
        alert_raise("import_not_reconciled", str(self.run.pk), f"Import {self.run.pk}: {message}")

    def _fail(self, code: str, message: str, line: int | None = None, column: str | None = None) -> None:
        column = (column or "")[:200]
        self._end(State.FAILED, error_code=code, error=message, error_line=line, error_column=column)

    def _end(self, state: State, **values: object) -> None:
        lease_write(self.run, self.owner, state=state, finished_at=clock.now(), preview="", **values)
        self.watch(self.run)

    def _move(self, before: State, after: State, **values: object) -> None:
        """Unless somebody cancelled meanwhile. Raises _Stopped, LeaseLost."""
        mine = ImportRun.objects.filter(pk=self.run.pk, lease_owner=self.owner, state=before)
        if not mine.update(state=after, **values):
            self._look()
            raise LeaseLost
        for name, value in {"state": after, **values}.items():
            setattr(self.run, name, value)
