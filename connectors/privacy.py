"""Files that were uploaded, and what was noted about their lines."""

import codecs
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from connectors.models import ImportNote, ImportRun
from connectors.services.runs import file_forget, run_cancel, run_discard
from core import clock
from core.files import file_open
from core.models import StoredFile
from core.privacy.identity import Identity, fold
from core.privacy.registry import Keeper, Subject

CHUNK_BYTES = 1_000_000
# Longer than anything that a person is known by, so that nothing is missed where two chunks meet.
OVERLAP = 500
ERASED = "Erased."
State = ImportRun.State


def _told_of(identity: Identity) -> list[ImportRun]:
    """Runs whose file is still here and is about the person."""
    kept = ImportRun.objects.exclude(file=None).select_related("file").order_by("created_at")
    return [run for run in kept if run.file is not None and _holds(run.file, identity)]


def _holds(file: StoredFile, identity: Identity) -> bool:
    cells = _cells(identity)
    return any(identity.is_told_of(text) or cells(text) for text in _texts(file_open(file)))


def _cells(identity: Identity) -> Callable[[str], bool]:
    """An id is often too short to look for as a text. As the whole of a cell it is the shop's own id of the person."""
    ids = sorted(id_ for id_ in identity.external_ids if fold(id_) not in identity.shared)
    edge = r"[\s,;|\"']"
    pattern = re.compile(rf"(?:^|{edge})(?:{'|'.join(map(re.escape, ids))})(?:\.0)?(?:$|{edge})")
    return lambda text: any(id_ in text for id_ in ids) and pattern.search(text) is not None


def _texts(stream: BinaryIO) -> Iterator[str]:
    """The file in overlapping pieces, in each encoding that it may have."""
    decoders: list[codecs.IncrementalDecoder] = []
    rests: list[str] = []
    while chunk := stream.read(CHUNK_BYTES):
        if not decoders:
            names = ("utf-16-le", "utf-16-be") if b"\x00" in chunk[:1000] else ("utf-8", "cp1252")
            decoders = [codecs.getincrementaldecoder(name)(errors="replace") for name in names]
            rests = [""] * len(decoders)
        for place, decoder in enumerate(decoders):
            text = rests[place] + decoder.decode(chunk)
            rests[place] = text[-OVERLAP:]
            yield text


def _export(subject: Subject) -> list[dict[str, str | datetime]]:
    return [{"file": run.file_name, "uploaded_at": run.created_at} for run in _told_of(subject.identity)]


def _erase(subject: Subject) -> int:
    """A file goes at once, or when its time is made to be up because a run is at it: the run itself has read it."""
    count = 0
    for run in _told_of(subject.identity):
        if run.state == State.PREVIEWED:
            run_discard(run_id=run.pk)
        elif run.has_ended:
            file_forget(run)
        else:
            StoredFile.objects.filter(import_runs=run.pk).update(expires_at=clock.now())
            if run.state == State.CHECKING:
                run_cancel(run_id=run.pk)
        count += 1
    return count + _erase_words(subject.identity)


def _erase_words(identity: Identity) -> int:
    count = 0
    for run in ImportRun.objects.only("pk", "merchant_id", "file_name", "error", "error_column"):
        named = {
            name: ERASED for name in ("file_name", "error", "error_column") if identity.is_named_in(getattr(run, name))
        }
        count += ImportRun.objects.filter(pk=run.pk).update(**named) if named else 0
    notes: Any = ImportNote.objects.only("pk", "merchant_id", "message", "column")
    told = [note.pk for note in notes.iterator(2000) if identity.is_named_in(f"{note.message}\n{note.column}")]
    return count + ImportNote.objects.filter(pk__in=told).update(message=ERASED, column="")


KEEPER = Keeper("files", "Uploaded files that are still kept", _export, _erase)
