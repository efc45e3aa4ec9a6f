"""Small files in memory, and what comes of them."""

import io
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.imports.builtins import BUILTINS
from connectors.imports.plan import Batch, Item, Note
from connectors.imports.profile import Profile
from connectors.imports.survey import survey

ORDERS: dict[str, Any] = {
    "kind": "orders",
    "currency": "GBP",
    "columns": {
        "external_id": "order",
        "placed_at": "date",
        "line_sku": "sku",
        "line_title": "name",
        "line_quantity": "quantity",
        "line_unit_price": "price",
    },
}
HEADER = "order,date,sku,name,quantity,price"


def orders_profile(**changes):
    columns = {**ORDERS["columns"], **changes.pop("columns", {})}
    return Profile.parse({**ORDERS, **changes, "columns": columns})


class Drip(io.RawIOBase):
    """Hands out at most `size` bytes at a time, as a socket may."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size, self._at = data, size, 0

    def read(self, size: int = -1) -> bytes:
        end = self._at + (self._size if size < 0 else min(size, self._size))
        piece, self._at = self._data[self._at : end], min(end, len(self._data))
        return piece


@dataclass
class Result:
    lines_in: int
    sum_in: dict[str, Decimal]
    counts: dict[str, int]
    batches: list[Batch]

    @property
    def items(self) -> list[Item]:
        return [item for batch in self.batches for item in batch.items]

    @property
    def notes(self) -> list[Note]:
        return [note for batch in self.batches for note in batch.notes]

    def data(self, phase: str = "orders"):
        return [item.data for batch in self.batches if batch.phase == phase for item in batch.items]

    @property
    def lines_left(self) -> dict[int, str]:
        """Line → code of what is reported instead of imported."""
        return {note.line: note.code for note in self.notes if note.is_line}

    def assert_reconciles(self) -> None:
        lines = [line for item in self.items for line in item.lines]
        lines += [note.line for note in self.notes if note.is_line]
        assert len(lines) == len(set(lines)) == self.lines_in
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for part in (*self.items, *self.notes):
            sums[part.currency] += part.amount
        assert {key: amount for key, amount in sums.items() if amount} == {
            key: amount for key, amount in self.sum_in.items() if amount
        }


def read(content, profile="", *, start=0, size=500, drip=0, zone="UTC") -> Result:
    """`profile` is one, or the name of a shipped one."""
    data = content.encode() if isinstance(content, str) else content
    used = BUILTINS[profile].profile if isinstance(profile, str) and profile else profile or orders_profile()
    stream: Any = Drip(data, drip) if drip else io.BytesIO(data)
    with survey(stream, used, zone_default=zone) as found:
        batches = list(found.batches(start=start, size=size))
        assert found.batch_count(size) == start + len(batches)
        return Result(found.lines_in, dict(found.sum_in), dict(found.items), batches)


def rows(*lines: str, header: str = HEADER) -> str:
    return "\n".join((header, *lines)) + "\n"
