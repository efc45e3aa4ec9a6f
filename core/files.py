"""Files that pass through the database in parts, so that no process ever holds a whole one."""

import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import BinaryIO, Protocol

from django.db import transaction

from core import clock
from core.models import StoredFile, StoredFilePart
from core.tenancy import platform_scope, tenant_scope

PART_BYTES = 1_000_000
_FAST = 1  # zlib's level: tables of text shrink to a fifth at once, more effort gains little
PURGE_BATCH = 200


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def file_store(source: Readable | Iterable[bytes], *, purpose: str, name: str, keep: timedelta) -> StoredFile:
    """Store what `source` holds in one transaction; a source that fails leaves nothing."""
    digest = hashlib.sha256()
    with transaction.atomic():
        file = StoredFile.objects.create(purpose=purpose, name=name[-255:], expires_at=clock.now() + keep)
        for position, part in enumerate(_parts(source)):
            file.size += len(part)
            digest.update(part)
            StoredFilePart.objects.create(file=file, position=position, data=zlib.compress(part, _FAST))
        file.sha256 = digest.hexdigest()
        file.save(update_fields=["size", "sha256"])
    return file


def _parts(source: Readable | Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of PART_BYTES, the last one shorter."""
    buffer = bytearray()
    for chunk in _chunks(source):
        for start in range(0, len(chunk), PART_BYTES):
            buffer += chunk[start : start + PART_BYTES]
            if len(buffer) >= PART_BYTES:
                yield bytes(buffer[:PART_BYTES])
                del buffer[:PART_BYTES]
    if buffer:
        yield bytes(buffer)


def _chunks(source: Readable | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(source, Iterable) and not hasattr(source, "read"):
        yield from source
        return
    while chunk := source.read(PART_BYTES):
        yield chunk


def file_open(file: StoredFile) -> BinaryIO:
    """Its bytes from the beginning, a part at a time. Read it within the scope of its merchant; it cannot seek."""
    return io.BufferedReader(_Parts(file), PART_BYTES)


class _Parts(io.RawIOBase):
    def __init__(self, file: StoredFile) -> None:
        self._file = file
        self._next = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # any writable buffer
        if not self._rest:
            self._rest = memoryview(self._fetch())
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken

    def _fetch(self) -> bytes:
        parts = StoredFilePart.objects.filter(file_id=self._file.pk, position=self._next)
        data = parts.values_list("data", flat=True).first()
        self._next += 1
        return b"" if data is None else zlib.decompress(data)


def file_delete(file: StoredFile) -> None:
    """Whoever pointed to it points to nothing afterwards."""
    with transaction.atomic():
        StoredFilePart.objects.filter(file_id=file.pk).delete()
        file.delete()


def files_purge() -> int:
    """Delete the files of all merchants whose time is up; returns how many."""
    with platform_scope("purge files"):
        due = list(StoredFile.objects.filter(expires_at__lte=clock.now()).order_by("expires_at")[:PURGE_BATCH])
    for file in due:
        with tenant_scope(file.merchant_id):
            file_delete(file)
    return len(due)
