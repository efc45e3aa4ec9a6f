"""Reads a file once, to its end, and lays out what it comes down to. Memory does not grow with the file."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import BinaryIO, Self

from connectors.imports.amounts import Amounts
from connectors.imports.catalogue import Catalogue
from connectors.imports.cells import Cells
from connectors.imports.credits import CreditMapper
from connectors.imports.orders import OrderMapper
from connectors.imports.plan import BATCH_SIZE, Batch, FileRefused, Item, Note
from connectors.imports.profile import GROUPED, Profile
from connectors.imports.reading import Lines, Progress, text_lines
from connectors.imports.records import RecordMapper
from connectors.imports.rows import Header, Picker, read_header, read_rows
from connectors.imports.scratch import Row, Scratch
from connectors.imports.values import Values
from orders.inputs import ProductInput

# More than this many lines of one order is a column that is not what the profile takes it for.
MAX_GROUP = 10_000
MAX_GROUP_SIZE = 16 * 1024 * 1024
# A batch of very large orders is cut earlier.
MAX_BATCH_LINES = 20_000
MAX_BATCH_SIZE = MAX_GROUP_SIZE
# Between an id and the system that it is of, in the key of a group. No file has one.
_OF = "\0"
CREDITS, DERIVED, COMPLEMENTS, KEYLESS = "credits", "products", "complements", "without_key"

Read = tuple[Item | None, list[Note]]
Page = tuple[list[Item], list[Note]]
Phase = tuple[str, int, Callable[[int], Iterator[Page]]]
"""Its name, how many batches it has, and these from one on."""


def survey(
    stream: BinaryIO, profile: Profile, *, zone_default: str, on_progress: Callable[[int], None] = lambda read: None
) -> "FileSurvey":
    """Raises FileRefused. `on_progress` is told how many bytes have been read, then, while they are laid out, the same
    again and again; what it raises ends the reading.
    """
    scratch = Scratch()
    progress = Progress(on_progress)
    with ExitStack() as undo:
        undo.callback(scratch.close)
        try:
            lines = text_lines(stream, profile.encoding, progress)
            header = read_header(lines, profile)
            found = FileSurvey(profile, scratch, header, lines, zone_default, progress.again)
        except sqlite3.OperationalError as fault:
            raise FileRefused("no_room", f"There is no room on the disk to read the file ({fault}).") from fault
        undo.pop_all()
        return found


class FileSurvey:
    """See `connectors.imports.plan.Survey`."""

    def __init__(
        self,
        profile: Profile,
        scratch: Scratch,
        header: Header,
        lines: Lines,
        zone_default: str,
        alive: Callable[[], None],
    ) -> None:
        self.encoding, self.delimiter = lines.codec, header.delimiter
        self._profile, self._scratch = profile, scratch
        picker = Picker(header)
        cells, values = Cells(profile, header, picker.indexes), Values(profile, zone_default)
        self._amounts = Amounts(profile, cells, values)
        self.lines_in = _gather(lines, header, picker, profile, cells, scratch)
        if not self.lines_in:
            raise FileRefused("no_rows", "The file has a header and nothing else.", lines.number)
        self._catalogue: Catalogue | None = None
        if profile.kind == "orders":
            self._orders = OrderMapper(profile, cells, values, self._amounts)
            self._credits = CreditMapper(profile, cells, values, self._amounts)
            if profile.creates_products:
                self._catalogue = Catalogue(profile, cells, values, scratch.db)
        else:
            self._records = RecordMapper(profile, cells, values, self._amounts)
        self._key_column = cells.column(profile.group_by)
        self._check_sizes()
        self.sum_in, self.items = self._count(alive)

    def _check_sizes(self) -> None:
        if self._profile.kind not in GROUPED:
            return
        for head, lines, size in self._scratch.sizes(self._profile.kind):
            if lines <= MAX_GROUP and size <= MAX_GROUP_SIZE:
                continue
            key, row = self._scratch.first(head)
            has, most = (
                (f"{lines:,} lines", f"{MAX_GROUP:,}")
                if lines > MAX_GROUP
                else (f"Lines of {size:,} characters", f"{MAX_GROUP_SIZE:,}")
            )
            message = f"{has} say {_id(key)[:60]!r} here; at most {most} belong together. Is this the right column?"
            raise FileRefused("group_too_large", message, row[0], self._key_column)

    def _count(self, alive: Callable[[], None]) -> tuple[dict[str, Decimal], dict[str, int]]:
        """Sums as the file has them, before anything is made of its lines."""
        sums: dict[str, Decimal] = {}
        counts: Counter[str] = Counter()
        kind, amounts = self._profile.kind, self._amounts

        def add(currency: str, parts: list[Decimal]) -> None:
            sums[currency] = sum(parts, sums.get(currency, Decimal(0)))

        if kind in GROUPED:
            for _, rows in self._scratch.groups(kind):
                alive()
                currency = amounts.currency(rows)
                add(currency, amounts.of(rows))
                counts[kind] += 1
                if self._catalogue:
                    self._catalogue.see(rows, currency)
                elif kind == "products" and self._records.names_complements(rows):
                    counts[COMPLEMENTS] += 1
            if counts[kind] <= BATCH_SIZE:  # all products come at once, and find each other
                del counts[COMPLEMENTS]
        else:
            for _, _, row in self._scratch.rows(kind):
                alive()
                add(amounts.currency([row]), amounts.of([row]))
                counts[kind] += 1
        for _, _, row in self._scratch.rows(CREDITS):
            add(amounts.currency([row]), [amounts.of_credit(row)])
            counts[CREDITS] += 1
        self._keyless = 0
        for _, _, row in self._scratch.rows(KEYLESS):
            add(amounts.currency([row]), amounts.of([row]))
            self._keyless += 1
        if self._catalogue:
            self._catalogue.flush()
            counts[DERIVED] = self._catalogue.count()
        return {currency: amount for currency, amount in sums.items() if currency or amount}, dict(counts)

    def batch_count(self, size: int = BATCH_SIZE) -> int:
        return sum(count for _, count, _ in self._phases(size))

    def batches(self, start: int = 0, size: int = BATCH_SIZE) -> Iterator[Batch]:
        number = 0
        for phase, count, read in self._phases(size):
            if start < number + count:
                first = max(start - number, 0)
                for place, (items, notes) in enumerate(read(first), start=number + first):
                    yield Batch(place, phase, tuple(items), tuple(notes))
            number += count

    def _phases(self, size: int) -> list[Phase]:
        """Products before the orders that name them, orders before the credits that take from them."""
        kind, items = self._profile.kind, self.items
        phases: list[Phase] = []
        if self._catalogue:
            catalogue = self._catalogue
            phases.append(
                (DERIVED, _pages(items[DERIVED], size), lambda first: _paged(catalogue.items(first * size), size))
            )
        if kind in GROUPED:
            starts = list(self._group_starts(size))
            phases.append((kind, len(starts), lambda first: self._group_batches(starts[first:])))
            if items.get(COMPLEMENTS):
                phases.append((COMPLEMENTS, len(starts), lambda first: self._complement_batches(starts[first:])))
        for name, count, read in (
            (kind, 0 if kind in GROUPED else items.get(kind, 0), self._read_record),
            (CREDITS, items.get(CREDITS, 0), self._read_credit),
            (KEYLESS, self._keyless, self._read_keyless),
        ):
            if count:
                phases.append((name, _pages(count, size), self._row_batches(name, size, read)))
        return phases

    def _group_starts(self, size: int) -> Iterator[tuple[int, int]]:
        """Where each batch begins and how many groups it has."""
        begin, groups, lines, characters = 0, 0, 0, 0
        for head, more, wider in self._scratch.sizes(self._profile.kind):
            is_full = groups >= size or lines + more > MAX_BATCH_LINES or characters + wider > MAX_BATCH_SIZE
            if groups and is_full:
                yield begin, groups
                groups, lines, characters = 0, 0, 0
            begin = begin if groups else head
            groups, lines, characters = groups + 1, lines + more, characters + wider
        if groups:
            yield begin, groups

    def _group_batches(self, starts: list[tuple[int, int]]) -> Iterator[Page]:
        if not starts:
            return
        groups = self._scratch.groups(self._profile.kind, starts[0][0])
        for _, count in starts:
            items: list[Item] = []
            notes: list[Note] = []
            for key, rows in islice(groups, count):
                is_order = self._profile.kind == "orders"
                item, more = self._orders.read(_id(key), rows) if is_order else self._records.read(rows)
                items += [item] if item else []
                notes += more
            yield items, notes

    def _complement_batches(self, starts: list[tuple[int, int]]) -> Iterator[Page]:
        """The products that name others, once more: now all of the file are known. Their lines are counted already."""
        for items, _ in self._group_batches(starts):
            named = [item for item in items if isinstance(item.data, ProductInput) and item.data.complements]
            yield [replace(item, lines=()) for item in named], []

    def _row_batches(
        self, phase: str, size: int, read: Callable[[str, int, Row], Read]
    ) -> Callable[[int], Iterator[Page]]:
        def pages(first: int) -> Iterator[Page]:
            rows = self._scratch.rows(phase, first * size)
            while results := [read(*row) for row in islice(rows, size)]:
                yield [item for item, _ in results if item], [note for _, notes in results for note in notes]

        return pages

    def _read_record(self, key: str, place: int, row: Row) -> Read:
        return self._records.read([row])

    def _read_credit(self, key: str, place: int, row: Row) -> Read:
        return self._credits.read(key, place, row)

    def _read_keyless(self, key: str, place: int, row: Row) -> Read:
        amount, currency = self._amounts.of([row])[0], self._amounts.currency([row])
        message = row[2] if row[1] is None else "Nothing says which order or product the row belongs to."
        return None, [Note(row[0], self._key_column, "without_key", message, amount, currency, True)]

    def close(self) -> None:
        self._scratch.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _pages(count: int, size: int) -> int:
    return -(-count // size)


def _paged(items: Iterator[Item], size: int) -> Iterator[Page]:
    while page := list(islice(items, size)):
        yield page, []


def _id(key: str) -> str:
    return key.partition(_OF)[0]


def _gather(lines: Lines, header: Header, picker: Picker, profile: Profile, cells: Cells, scratch: Scratch) -> int:
    """Every row into the scratch file. Returns how many there are."""
    kind, prefix = profile.kind, profile.refund_prefix
    is_grouped = kind in GROUPED
    get_key, get_marker = cells.getter(profile.group_by), cells.getter(profile.refund_field)
    get_source, has_sources = cells.getter("source"), "source" in header.fields
    last, source = "", ""
    count = 0
    for line, raw in read_rows(lines, header):
        row = picker.pick(line, raw)
        phase, key = kind, ""
        if is_grouped:
            # A row with too few or too many cells still belongs to its order, so that this is not stored half.
            told = row if row[1] is not None else picker.stretched(line, raw)
            key = get_key(told)
            if not key:
                phase = KEYLESS
            elif prefix and get_marker(told).startswith(prefix):
                phase = CREDITS
            elif has_sources:
                # Two systems may use the same id. Said on an order's first row, it counts for those that follow.
                source = get_source(told) or (source if key == last else "")
                last, key = key, f"{key}{_OF}{source}"
        scratch.add(phase, key, row, lines.size)
        count += 1
    scratch.finish()
    return count
