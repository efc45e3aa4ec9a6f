"""Files in the database: the same bytes come out, never all at once, and nothing is left of one that was refused."""

import hashlib
import io
import os
import tracemalloc
from datetime import timedelta

import pytest

from core import clock
from core.files import PART_BYTES, file_delete, file_open, file_store, files_purge
from core.models import StoredFile, StoredFilePart
from core.tenancy import NoScope, tenant_scope

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def store(source, **how):
    return file_store(source, **{"purpose": "import", "name": "orders.csv", "keep": WEEK, **how})


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 7])
def test_the_same_bytes_come_out(scope, size):
    data = os.urandom(size)
    file = store(io.BytesIO(data))
    assert (file.size, file.sha256) == (size, hashlib.sha256(data).hexdigest())
    assert file_open(file).read() == data
    assert StoredFilePart.objects.filter(file=file).count() == -(-size // PART_BYTES)


def test_chunks_of_any_size_are_taken(scope):
    file = store(iter([b"a" * 10, b"", b"b" * (2 * PART_BYTES + 5), b"c"]))
    assert file_open(file).read() == b"a" * 10 + b"b" * (2 * PART_BYTES + 5) + b"c"


def test_lines_are_read_across_parts(scope):
    line = b"x" * 700_001 + b"\n"
    assert list(file_open(store(io.BytesIO(line * 3)))) == [line] * 3


def test_a_source_that_fails_leaves_nothing(scope):
    def broken():
        yield b"x" * (PART_BYTES + 1)
        raise OSError("connection lost")

    with pytest.raises(OSError, match="connection lost"):
        store(broken())
    assert not StoredFile.objects.exists()
    assert not StoredFilePart.objects.exists()


def test_memory_stays_the_same_however_large_the_file_is(scope):
    def peak(parts: int) -> int:
        tracemalloc.start()
        file = store(os.urandom(1000) * (PART_BYTES // 1000) for _ in range(parts))
        with file_open(file) as stream:
            while stream.read(65_536):
                pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(2)
    assert peak(20) < peak(2) * 1.3


def test_another_merchant_sees_no_bytes(scope, other_merchant):
    file = store(io.BytesIO(b"mara@mail.example"))
    with tenant_scope(other_merchant.pk):
        assert not StoredFile.objects.filter(pk=file.pk).exists()
        assert file_open(file).read() == b""
        with pytest.raises(NoScope):
            file_delete(file)
    assert file_open(file).read() == b"mara@mail.example"


def test_deleted_with_its_parts(scope):
    kept, gone = store(io.BytesIO(b"kept")), store(io.BytesIO(b"gone"))
    file_delete(gone)
    assert list(StoredFile.objects.all()) == [kept]
    assert StoredFilePart.objects.get().file_id == kept.pk


def test_purged_when_its_time_is_up_in_every_shop(scope, other_merchant, at):
    store(io.BytesIO(b"old"))
    with tenant_scope(other_merchant.pk):
        store(io.BytesIO(b"old"))
    kept = store(io.BytesIO(b"new"), keep=WEEK * 2)
    with clock.frozen(at + WEEK):
        assert files_purge() == 2
        assert files_purge() == 0
    assert file_open(kept).read() == b"new"
