"""Lines to rows: the separator, the header, the columns that a profile names, the cells of each row."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from connectors.imports.fields import REQUIRED
from connectors.imports.plan import FileRefused
from connectors.imports.profile import DELIMITERS, GROUPED, Profile
from connectors.imports.reading import MAX_ROW, TOO_LONG, Lines

MAX_COLUMNS = 1000
# Python's own limit is 131,072, less than what a refund of a thousand lines takes in an export.
csv.field_size_limit(MAX_ROW)
LONG_CELL = 131_072
# What Excel may write above the header. The separator is found without it.
_HINT = re.compile(r"sep=.", re.IGNORECASE)
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


@dataclass(frozen=True, slots=True)
class Header:
    delimiter: str
    names: tuple[str, ...]
    fields: Mapping[str, tuple[int, ...]]
    """Field → the columns to look in, in turn. Fields whose columns may be missing and are, are missing here."""


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def read_header(lines: Lines, profile: Profile) -> Header:
    """Takes the first line that is not empty. Raises FileRefused."""
    first = next((line for line in lines if line.strip() and not _HINT.fullmatch(line.strip())), None)
    if first is None:
        raise FileRefused("empty_file", "The file is empty.")
    delimiter, names = _best(first, profile, lines)
    if len(names) > MAX_COLUMNS:
        raise FileRefused(
            "too_many_columns", f"There are {len(names):,} columns; at most {MAX_COLUMNS:,} are read.", lines.number
        )
    header = Header(delimiter, tuple(name.strip() for name in names), _fields(names, profile, lines.number, delimiter))
    lines.done()
    return header


def _best(line: str, profile: Profile, lines: Lines) -> tuple[str, list[str]]:
    """The separator, and the names that it makes of the line. With "auto" the one that finds most columns."""
    wanted = {_plain(name) for names in profile.columns.values() for name in names}

    def found(delimiter: str) -> int:
        return len(wanted.intersection(map(_plain, _split(line, delimiter))))

    fixed = DELIMITERS[profile.delimiter]
    best = max(_NAMES, key=lambda delimiter: (found(delimiter), line.count(delimiter)))
    if fixed and found(best) > found(fixed):
        raise FileRefused(
            "delimiter",
            f"The columns are separated by a {_NAMES[best]}; the profile expects a {_NAMES[fixed]}. "
            f"Set the profile's delimiter to {_setting(best)} or auto. "
            f"Read with a {_NAMES[fixed]} these are missing: {_missing(_split(line, fixed), profile)}.",
            lines.number,
        )
    names = _split(line, fixed or best)
    if not names:
        raise _broken(lines, fixed or best)
    return fixed or best, names


def _setting(delimiter: str) -> str:
    return next(name for name, sign in DELIMITERS.items() if sign == delimiter)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _missing(names: list[str], profile: Profile) -> str:
    there = set(map(_plain, names))
    missing = [
        " or ".join(columns)
        for field, columns in profile.columns.items()
        if field not in profile.optional and not there.intersection(map(_plain, columns))
    ]
    return ", ".join(dict.fromkeys(missing))


def _fields(names: list[str], profile: Profile, line: int, delimiter: str) -> dict[str, tuple[int, ...]]:
    if missing := _missing(names, profile):
        found = ", ".join(name.strip() for name in names)
        raise FileRefused(
            "missing_columns",
            f"These columns are missing: {missing}. Found, separated by a {_NAMES[delimiter]}: {_short(found)}. "
            "Name them in the file as the profile does, or change the profile.",
            line,
        )
    places: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        places.setdefault(_plain(name), []).append(index)
    fields: dict[str, tuple[int, ...]] = {}
    for field, columns in profile.columns.items():
        there = [name for name in columns if _plain(name) in places]
        for name in there:
            if len(places[_plain(name)]) > 1:
                twice = " and ".join(str(index + 1) for index in places[_plain(name)])
                raise FileRefused("duplicate_column", f"Columns {twice} have the same name. Rename one.", line, name)
        if there:
            fields[field] = tuple(places[_plain(name)][0] for name in there)
    needed = [*REQUIRED[profile.kind], *([(profile.group_by,)] if profile.kind in GROUPED else [])]
    for group in needed:
        if not any(field in fields or field in profile.constants for field in group):
            raise FileRefused("missing_columns", f"No column of the file says {' or '.join(group)}.", line)
    return fields


def _short(text: str, length: int = 300) -> str:
    return text if len(text) <= length else f"{text[:length]} …"


def read_rows(lines: Lines, header: Header) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not empty. Raises FileRefused."""
    reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
    line = lines.number + 1
    try:
        for cells in reader:
            if any(cells):
                yield line, cells
            lines.done()
            line = lines.number + 1
    except csv.Error as fault:
        raise _broken(lines, header.delimiter) from fault
    except FileRefused as fault:
        if fault.code == TOO_LONG and _is_open_for_long(lines, header.delimiter):
            raise _broken(lines, header.delimiter) from fault
        raise


def _is_open_for_long(lines: Lines, delimiter: str) -> bool:
    """Whether a row is so long because a quote was never closed: then that is what to mend."""
    text = "".join(lines.record)
    place, is_open = _last_quote(text, delimiter)
    return is_open and len(text) - place > LONG_CELL


def _broken(lines: Lines, delimiter: str) -> FileRefused:
    """What is wrong with the quotes of the row that could not be read to its end, and where."""
    start = lines.number - len(lines.record) + 1
    place, is_open = _last_quote("".join(lines.record), delimiter)
    before = "".join(lines.record)[:place]
    ends = before.count("\n") + before.replace("\r\n", "").count("\r")
    column = str(place - max(before.rfind("\n"), before.rfind("\r")))
    if is_open:
        message = "The quote that opens here is not closed. Close it, or write quotes inside a cell twice."
    else:
        message = f"Behind a quote that closes comes a {_NAMES[delimiter]} or the line's end. Write inner quotes twice."
    return FileRefused("broken_quotes", message, start + ends, column)


def _last_quote(text: str, delimiter: str) -> tuple[int, bool]:
    """Where a quote was opened and not closed, or closed and followed by something else; -1 if neither."""
    at, size, is_start = 0, len(text), True
    while at < size:
        sign = text[at]
        if is_start and sign == '"':
            opened, at = at, at + 1
            while (closing := text.find('"', at)) >= 0 and text[closing + 1 : closing + 2] == '"':
                at = closing + 2
            if closing < 0:
                return opened, True
            at = closing + 1
            if at < size and text[at] not in (delimiter, "\r", "\n"):
                return closing, False
            is_start = False
            continue
        is_start = sign == delimiter
        at += 1
    return -1, False


class Picker:
    """Takes the cells that the profile names out of a row. A stored row is [line, cell, …], or [line, None, fault]."""

    def __init__(self, header: Header) -> None:
        self._width = len(header.names)
        self.indexes = sorted({index for columns in header.fields.values() for index in columns})
        self._pick = itemgetter(*self.indexes, self.indexes[0])  # one more, so that it is always a tuple

    def pick(self, line: int, cells: list[str]) -> list[int | str | None]:
        if len(cells) != self._width and (len(cells) < self._width or any(cells[self._width :])):
            many = f"{len(cells)} cell" + "s" * (len(cells) != 1)
            return [line, None, f"The row has {many}, the header {self._width}."]
        return [line, *self._pick(cells)[:-1]]

    def stretched(self, line: int, cells: list[str]) -> list[int | str | None]:
        """As `pick`, of a row with too few or too many cells."""
        return [line, *self._pick([*cells, *[""] * self._width])[:-1]]
