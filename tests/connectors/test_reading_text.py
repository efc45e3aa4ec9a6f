"""Hostile bytes: what is no text is refused with the line and what to do; what is text is read however it comes."""

import codecs
import gzip
import io
import os
import tracemalloc
import zlib
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.imports.plan import FileRefused
from connectors.imports.reading import MAX_ROW, text_lines
from connectors.imports.scratch import Scratch
from connectors.imports.survey import survey
from tests.connectors.csv_files import orders_profile, read, rows

GOOD = rows("1,2011-01-02,A,Café £5,2,1.50", "2,2011-01-03,B,Plain,1,3.00")
FULL = bool(os.environ.get("PRO_TEST_FULL"))


def refusal(data, **profile):
    with pytest.raises(FileRefused) as caught:
        read(data, orders_profile(**profile))
    return caught.value


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (GOOD.encode(), "auto"),
        (codecs.BOM_UTF8 + GOOD.encode(), "auto"),
        (codecs.BOM_UTF8 + GOOD.encode(), "cp1252"),
        (GOOD.encode("utf-16"), "auto"),
        (codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"), "utf-16"),
        (GOOD.encode("utf-16-le"), "auto"),
        (GOOD.encode("utf-16-be"), "auto"),
        (GOOD.encode("utf-16-le"), "utf-16"),
        (GOOD.encode("cp1252"), "cp1252"),
        (GOOD.encode("latin-1"), "latin-1"),
        (gzip.compress(GOOD.encode()), "auto"),
        (gzip.compress(GOOD[:40].encode()) + gzip.compress(GOOD[40:].encode()), "auto"),
        (gzip.compress(GOOD.encode("utf-16")), "auto"),
        (GOOD.replace("\n", "\r\n").encode(), "auto"),
        (GOOD.replace("\n", "\r").encode(), "auto"),
        (GOOD.replace("\n", "\r\n", 1).replace("5,2,1.50\n", "5,2,1.50\r").encode(), "auto"),
        (GOOD.rstrip("\n").encode(), "auto"),
        (("\n\n" + GOOD.replace("\n", "\n\n")).encode(), "auto"),
    ],
)
@pytest.mark.parametrize("drip", [0, 1, 7])
def test_the_same_text_is_the_same_file_however_it_is_written_and_sent(data, encoding, drip):
    found = read(data, orders_profile(encoding=encoding), drip=drip)
    assert [order.lines[0].title for order in found.data()] == ["Café £5", "Plain"]
    assert found.sum_in == {"GBP": Decimal("6.00")}


def test_bytes_that_are_no_utf_8_are_refused_with_line_and_byte():
    fault = refusal(GOOD.encode("cp1252"))
    assert (fault.code, fault.line, fault.column) == ("encoding", 2, "19")
    assert "Byte 19 of the line, E9, is not UTF-8" in fault.message
    assert "cp1252" in fault.message


def test_the_byte_is_counted_behind_letters_of_several_bytes():
    fault = refusal(GOOD.encode() + "3,2011-01-02,A,éé".encode() + b"\xff,1,1\n")
    assert (fault.line, fault.column) == (4, "18")
    assert "Byte 20 of the line, FF, is not UTF-8" in fault.message


def test_a_letter_cut_off_at_the_end_is_refused():
    assert refusal((GOOD + "é").encode()[:-1]).line == 4


def test_half_a_utf_16_character_is_refused():
    assert refusal(GOOD.encode("utf-16") + b"\x00").code == "encoding"


def test_utf_32_is_refused_by_name():
    assert "UTF-32" in refusal(GOOD.encode("utf-32")).message


def test_zero_bytes_are_refused_with_their_place():
    fault = refusal(rows("1,2011-01-02,A,Na\0me,2,1.50"))
    assert (fault.code, fault.line, fault.column) == ("zero_byte", 2, "18")


@pytest.mark.parametrize("beginning", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"%PDF-1.7"])
def test_spreadsheets_and_the_like_are_named(beginning):
    fault = refusal(beginning + b"x" * 5000)
    assert fault.code == "not_text"
    assert "Save it as CSV" in fault.message


@pytest.mark.parametrize("data", [b"", b"\n\n \n", codecs.BOM_UTF8, gzip.compress(b"")])
def test_an_empty_file_is_refused(data):
    assert refusal(data).code == "empty_file"


def test_a_header_alone_is_refused():
    fault = refusal(rows())
    assert (fault.code, fault.line) == ("no_rows", 1)


def test_a_packed_file_that_is_cut_off_or_damaged_is_refused():
    packed = gzip.compress(os.urandom(20_000).hex().encode())
    assert refusal(packed[:-10]).code in ("broken_gzip", "missing_columns")
    whole = gzip.compress(GOOD.encode())
    assert refusal(whole[:-6]).code == "broken_gzip"
    assert refusal(whole[:20] + b"\xff\xff\xff" + whole[23:]).code == "broken_gzip"


class Endless(io.RawIOBase):
    """As many bytes as one likes, none of them kept."""

    def __init__(self, first: bytes, piece: bytes, total: int) -> None:
        self._first, self._piece, self._left = first, piece, total
        self.handed_out = 0

    def read(self, size: int = -1) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        if self._left <= 0:
            return b""
        self._left -= len(self._piece)
        self.handed_out += len(self._piece)
        return self._piece


@pytest.mark.parametrize(
    ("first", "piece", "codes"),
    [
        (b"", b"x" * 65_536, {"row_too_long"}),
        (b"", b"," * 65_536, {"row_too_long"}),
        (GOOD.encode(), b"x" * 65_536, {"row_too_long"}),
        (GOOD.encode() + b'3,2011-01-02,A,"', b"open\n" * 10_000, {"broken_quotes"}),
        (GOOD.encode(), b'"a\n",' * 50_000, {"row_too_long"}),
    ],
)
def test_a_row_without_end_is_refused_early_and_in_little_memory(first, piece, codes):
    stream = Endless(first, piece, 10**9)
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused) as caught:
            survey(stream, orders_profile(), zone_default="UTC", on_progress=lambda read: None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code in codes
    assert stream.handed_out < 4 * MAX_ROW
    assert peak < 120_000_000


def test_a_small_packed_file_may_hold_a_line_of_a_gigabyte():
    packer = zlib.compressobj(9, wbits=31)
    size = 1024 if FULL else 16
    packed = b"".join([*(packer.compress(b"x" * 1_048_576) for _ in range(size)), packer.flush()])
    tracemalloc.start()
    try:
        assert refusal(packed).code == "row_too_long"
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


def test_progress_counts_the_bytes_of_the_file():
    told = []
    data = GOOD.encode() * 1
    list(text_lines(io.BytesIO(data), "auto", told.append))
    assert told[-1] == len(data)


def test_progress_is_told_again_while_a_small_packed_file_is_long():
    told = []
    packed = gzip.compress(b"\n" * 4_000_000)
    list(text_lines(io.BytesIO(packed), "auto", told.append))
    assert told.count(len(packed)) + told.count(0) > 10


def test_what_progress_raises_ends_the_reading():
    def stop(read: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        survey(io.BytesIO(GOOD.encode()), orders_profile(), zone_default="UTC", on_progress=stop)


def test_what_waits_on_the_disk_has_no_name_there_and_ends_with_us():
    scratch = Scratch()
    for number in range(20_000):
        scratch.add("orders", str(number), [number, "x" * 1000], 1000)
    scratch.finish()
    opened = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    on_disk = [name for name in opened if "etilqs" in name]
    assert on_disk
    assert all(name.endswith("(deleted)") for name in on_disk)
    assert sum(1 for _ in scratch.groups("orders")) == 20_000
    scratch.close()


def test_memory_does_not_grow_with_the_file():
    """All of these rows kept would be more than twice what is allowed."""
    peaks = []
    for count in (1_000, 8_000):
        text = rows(*(f"{number // 3},2011-01-02,A{number},Name,2,1.50" for number in range(count))).encode()
        tracemalloc.start()
        with survey(io.BytesIO(text), orders_profile(), zone_default="UTC") as found:
            assert sum(len(item.lines) for batch in found.batches(size=50) for item in batch.items) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2_000_000
