"""Bytes to lines of text, in constant memory: unpacked, decoded, cut. What is no text or has no end is refused."""

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import BinaryIO, NoReturn

from connectors.imports.plan import FileRefused

CHUNK = 256 * 1024
# Of one row in characters. A quote that is never closed, or a file without line ends, comes to an end here.
MAX_ROW = 4 * 1024 * 1024
TOO_LONG = "row_too_long"
# A packed file can be small and hold for ever.
MAX_BYTES = 8 * 1024**3
_HEAD = 4096
_GZIP = b"\x1f\x8b"
_NO_TEXT = {b"PK\x03\x04": "a spreadsheet or a zip archive", b"\xd0\xcf\x11\xe0": "an old Excel file", b"%PDF": "a PDF"}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Progress:
    """Tells how many bytes of the file were read, and the same again while they are worked on."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell, self._read = tell, 0

    def __call__(self, read: int) -> None:
        self._read = read
        self._tell(read)

    def again(self) -> None:
        self._tell(self._read)


def text_lines(stream: BinaryIO, encoding: str, on_progress: Callable[[int], None]) -> "Lines":
    """The file's lines; `encoding` as profiles name it. Raises FileRefused, also later while they are read."""
    progress = Progress(on_progress)
    head, rest = _beginning(_unpacked(_chunks(stream, progress), progress.again))
    for beginning, what in _NO_TEXT.items():
        if head.startswith(beginning):
            raise FileRefused("not_text", f"This is {what}. Save it as CSV (UTF-8) and import that.")
    codec, mark = _codec(head, encoding)
    return Lines(_chain(head[mark:], rest), codec)


def _chunks(stream: BinaryIO, on_progress: Callable[[int], None]) -> Iterator[bytes]:
    read = 0
    while chunk := stream.read(CHUNK):
        read += len(chunk)
        yield chunk
        on_progress(read)


def _beginning(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Enough of the beginning to see what the file is, however small the pieces come."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    return head, chunks


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _unpacked(chunks: Iterator[bytes], alive: Callable[[], None]) -> Iterator[bytes]:
    """`alive` is called after each piece: a few packed bytes may be much to read."""
    head, rest = _beginning(chunks)
    if not head.startswith(_GZIP):
        yield from _chain(head, rest)
        return
    total = 0
    for piece in _gunzipped(_chain(head, rest)):
        total += len(piece)
        if total > MAX_BYTES:
            raise FileRefused("too_large", f"Unpacked, the file is larger than {MAX_BYTES:,} bytes. Split it.")
        yield piece
        alive()


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """At most CHUNK bytes at a time; several packed parts behind one another are one file."""
    unpacker = zlib.decompressobj(wbits=31)
    is_open = False
    for chunk in chunks:
        while chunk:
            try:
                piece = unpacker.decompress(chunk, CHUNK)
            except zlib.error as fault:
                raise FileRefused("broken_gzip", "The packed file is damaged. Pack or send it again.") from fault
            is_open = not unpacker.eof
            if is_open:
                chunk = unpacker.unconsumed_tail
            else:
                chunk = unpacker.unused_data.lstrip(b"\0")
                unpacker = zlib.decompressobj(wbits=31)
            if piece:
                yield piece
    if is_open:
        raise FileRefused("broken_gzip", "The packed file is cut off. Send it again.")


def _codec(head: bytes, encoding: str) -> tuple[str, int]:
    """The codec and the length of the byte order mark. A mark says more than the profile."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise FileRefused("encoding", "The file is UTF-32. Save it as UTF-8.", 1)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec, len(mark)
    if encoding not in ("auto", "utf-16"):
        return encoding, 0
    # Latin letters in UTF-16 are every other byte zero.
    even, odd = head[::2].count(0), head[1::2].count(0)
    if encoding == "utf-16" or max(even, odd) * 4 > len(head):
        return ("utf-16-be" if even > odd else "utf-16-le"), 0
    return "utf-8", 0


class Lines:
    """Iterates over the lines with their ends. `record` is what the reader has taken since `done` was called."""

    def __init__(self, chunks: Iterator[bytes], codec: str) -> None:
        self.codec = codec
        self.number = 0
        """Of the line that was handed out last."""
        self.record: list[str] = []
        self._size = 0
        self._tail = ""
        self._lines = self._cut(chunks)

    def __iter__(self) -> Iterator[str]:
        return self._lines

    @property
    def size(self) -> int:
        """Of the record so far, in characters."""
        return self._size

    def done(self) -> None:
        self.record.clear()
        self._size = 0

    def _cut(self, chunks: Iterator[bytes]) -> Iterator[str]:
        for text in self._decoded(chunks):
            if "\0" in text:
                self._refuse_zero(self._tail + text)
            if "\n" not in text and "\r" not in text:
                self._tail += text
                self._check_size(len(self._tail))
                continue
            lines, size = StringIO(self._tail + text, newline=""), len(self._tail) + len(text)
            self._tail = ""
            for line in lines:
                # A carriage return at the very end may be half of a line end.
                if line[-1] == "\n" or (line[-1] == "\r" and lines.tell() < size):
                    yield self._hand_out(line)
                else:
                    self._tail = line
        if self._tail:
            yield self._hand_out(self._tail)

    def _hand_out(self, line: str) -> str:
        self._check_size(len(line))
        self._size += len(line)
        self.number += 1
        self.record.append(line)
        return line

    def _check_size(self, more: int) -> None:
        if self._size + more > MAX_ROW:
            raise FileRefused(
                TOO_LONG,
                f"The row that begins here has more than {MAX_ROW:,} characters. "
                "Rows end with a line feed, and a quote that opens is closed: is this a CSV file?",
                self.number - len(self.record) + 1,
            )

    def _decoded(self, chunks: Iterator[bytes]) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.codec)("strict")
        try:
            for chunk in chunks:
                yield decoder.decode(chunk)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as fault:
            self._refuse_bytes(fault)

    def _refuse_bytes(self, fault: UnicodeDecodeError) -> NoReturn:
        before = self._tail + fault.object[: fault.start].decode(self.codec)
        line, begun = self._place(before)
        what = fault.object[fault.start : fault.start + 1].hex().upper()
        others = "Choose the encoding in the profile (cp1252 for most Windows files), or save the file as UTF-8."
        raise FileRefused(
            "encoding",
            f"Byte {len(begun.encode(self.codec)) + 1} of the line, {what}, is not {self.codec.upper()}. {others}",
            line,
            str(len(begun) + 1),
        ) from fault

    def _refuse_zero(self, text: str) -> NoReturn:
        line, begun = self._place(text[: text.index("\0")])
        advice = "Text has none: the file is damaged, or UTF-16 and the profile says otherwise."
        raise FileRefused("zero_byte", f"There is a zero byte. {advice}", line, str(len(begun) + 1))

    def _place(self, before: str) -> tuple[int, str]:
        """The number of the line that `before` ends in, and what of it stands there."""
        lines = list(StringIO(before, newline=""))
        if not lines or lines[-1][-1] in "\r\n":
            lines.append("")
        return self.number + len(lines), lines[-1]
