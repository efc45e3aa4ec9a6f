"""Where the rows wait between reading and storing: a private file without a name, gone when it is closed or we are."""

import json
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

Row = list[Any]
"""The line's number, then its cells as text; or the line's number, None and what is wrong with the row."""

_FLUSH_ROWS = 500
_FLUSH_SIZE = 1_000_000
_CACHE_KIB = 8_000


class Scratch:
    """Rows by phase and key. Neighbours with the same key are kept as one record, so that a file that is already in
    order costs one record per group."""

    def __init__(self) -> None:
        # An empty name is a file that SQLite has already deleted: nothing stays behind, whatever kills us.
        self.db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "temp_store=FILE"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.execute(
            "CREATE TABLE run (id INTEGER PRIMARY KEY, phase TEXT, key TEXT, lines INT, size INT, body TEXT)"
        )
        self.db.execute("BEGIN")
        self._run: list[Row] = []
        self._of = ("", "")
        self._size = 0

    def add(self, phase: str, key: str, row: Row, size: int) -> None:
        """`size` in characters: a run is closed before it grows large."""
        if self._of != (phase, key) or len(self._run) >= _FLUSH_ROWS or self._size > _FLUSH_SIZE:
            self._flush()
            self._of = (phase, key)
        self._run.append(row)
        self._size += size

    def _flush(self) -> None:
        if self._run:
            body = json.dumps(self._run, ensure_ascii=False, separators=(",", ":"))
            self.db.execute(
                "INSERT INTO run (phase, key, lines, size, body) VALUES (?, ?, ?, ?, ?)",
                (*self._of, len(self._run), len(body), body),
            )
        self._run, self._size = [], 0

    def finish(self) -> None:
        """All is added. A group stands where its first line stands in the file."""
        self._flush()
        self.db.execute(
            "CREATE TABLE part (phase TEXT, head INT, id INT, lines INT, size INT, PRIMARY KEY (phase, head, id)) "
            "WITHOUT ROWID"
        )
        self.db.execute(
            "INSERT INTO part SELECT phase, MIN(id) OVER (PARTITION BY phase, key) AS head, id, lines, size FROM run "
            "ORDER BY phase, head, id"
        )

    def sizes(self, phase: str) -> Iterator[tuple[int, int, int]]:
        """Of each group where it begins, how many lines and how many characters it has, in their order."""
        yield from self.db.execute(
            "SELECT head, SUM(lines), SUM(size) FROM part WHERE phase = ? GROUP BY head ORDER BY head", (phase,)
        )

    def first(self, head: int) -> tuple[str, Row]:
        """Key and first row of the group that begins there, however large it is."""
        key, body = self.db.execute("SELECT key, body FROM run WHERE id = ?", (head,)).fetchone()
        row: Row = json.loads(body)[0]
        return key, row

    def groups(self, phase: str, start: int = 0) -> Iterator[tuple[str, list[Row]]]:
        """Key and rows of each group from the one on that begins at `start`."""
        parts = self.db.execute(
            "SELECT head, key, body FROM part JOIN run USING (id) WHERE part.phase = ? AND head >= ? ORDER BY head, id",
            (phase, start),
        )
        for _, same in groupby(parts, key=itemgetter(0)):
            rows: list[Row] = []
            key = ""
            for _head, key, body in same:  # noqa: B007 - the key is the same in all of them
                rows += json.loads(body)
            yield key, rows

    def rows(self, phase: str, skip: int = 0) -> Iterator[tuple[str, int, Row]]:
        """One by one, without the first `skip`: the group's key, the row's place in its group, the row.

        However large a group is, no more than a run of it is in memory.
        """
        group, before = 0, 0
        runs = self.db.execute("SELECT head, id, lines FROM part WHERE phase = ? ORDER BY head, id", (phase,))
        for head, run, lines in runs:
            before = before if head == group else 0
            if skip < lines:
                key, body = self.db.execute("SELECT key, body FROM run WHERE id = ?", (run,)).fetchone()
                for place, row in enumerate(json.loads(body)[skip:], start=before + skip + 1):
                    yield key, place, row
            skip = max(skip - lines, 0)
            group, before = head, before + lines

    def close(self) -> None:
        self.db.close()
