"""What a file comes down to before anything is stored: numbered batches of inputs, and notes about what is no input.

Every line of the file is in exactly one item or in one note with `is_line`. The amounts of items and notes add up to
what the survey counted while reading, currency by currency.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, Self

from giftcards.inputs import GiftCardInput
from orders.inputs import CreditInput, CustomerInput, OrderInput, ProductInput

BATCH_SIZE = 500
Input = OrderInput | CreditInput | ProductInput | CustomerInput | GiftCardInput


class FileRefused(Exception):
    """The file as a whole cannot be read; nothing of it is stored. `line` and `column` are None where none is to blame.

    `message` says what is wrong and what to do; `column` is a column's name or the position in the line.
    """

    def __init__(self, code: str, message: str, line: int | None = None, column: str | None = None) -> None:
        self.code, self.message, self.line, self.column = code, message, line, column
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"Line {self.line:,}" if self.line is not None else ""
        if self.column is not None:
            place = f"{place}, column {self.column}" if place else f"Column {self.column}"
        return f"{place}: {self.message}" if place else self.message


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about a line. `is_line`: the line is not in any item. Otherwise it is, and `amount` is what the
    item misses of the file's figure, such as parts of a penny."""

    line: int
    column: str
    code: str
    message: str
    amount: Decimal
    currency: str
    is_line: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One input, the lines of the file that it is made of, and what they amount to. Derived products have no lines."""

    lines: tuple[int, ...]
    amount: Decimal
    currency: str
    data: Input
    suppressed: str = ""
    """Of a customer: why we never write to the address."""
    source: str = ""
    """Of a customer: the system that the id belongs to; empty: the profile's."""


@dataclass(frozen=True, slots=True)
class Batch:
    number: int
    phase: str
    """products, complements, orders, credits, customers or gift_cards"""
    items: tuple[Item, ...]
    notes: tuple[Note, ...]


class Survey(Protocol):
    """A file that was read once, to its end. It holds a private scratch file: use it in a `with`."""

    @property
    def lines_in(self) -> int: ...

    @property
    def sum_in(self) -> Mapping[str, Decimal]:
        """By currency."""

    @property
    def items(self) -> Mapping[str, int]:
        """How many of each phase there are, those included that will turn out to be notes."""

    def batches(self, start: int = 0, size: int = BATCH_SIZE) -> Iterator[Batch]:
        """From batch `start` on. The same file, profile and size give the same batches, however often."""

    def batch_count(self, size: int = BATCH_SIZE) -> int: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...
