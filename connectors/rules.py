"""What a run counts, and whether it adds up: every line of the file was taken or reported, every amount too."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

IMPORTED, REPORTED = "imported", "reported"
_ZERO = Decimal(0)


def exact(amount: Decimal) -> str:
    """As it is kept: no exponent where people would not write one, and never endless."""
    text = f"{amount:f}" if abs(amount.adjusted()) <= 40 else str(amount)
    return text if len(text) <= 64 else f"{amount:.30E}"


@dataclass(slots=True)
class Tally:
    """Counts and sums of a run so far, as they stand in its row."""

    counts: dict[str, dict[str, int]]
    sums: dict[str, dict[str, str]]

    @classmethod
    def of(cls, counts: Mapping[str, Any], sums: Mapping[str, Any]) -> "Tally":
        return cls(
            {key: dict(value) for key, value in counts.items()}, {key: dict(value) for key, value in sums.items()}
        )

    def expect(self, lines: int, sums: Mapping[str, Decimal]) -> None:
        """What the file holds."""
        self.counts.setdefault("lines", {})["in"] = lines
        for currency, amount in sums.items():
            self.sums.setdefault(currency, {})["in"] = exact(amount)

    def count(self, kind: str, outcome: str, number: int = 1) -> None:
        outcomes = self.counts.setdefault(kind, {})
        outcomes[outcome] = outcomes.get(outcome, 0) + number

    def add(self, side: str, lines: int, amount: Decimal, currency: str) -> None:
        """`side` is IMPORTED or REPORTED."""
        if lines:
            self.count("lines", side, lines)
        if amount:
            sums = self.sums.setdefault(currency, {})
            sums[side] = exact(Decimal(sums.get(side, "0")) + amount)


@dataclass(frozen=True, slots=True)
class Balance:
    """One row of the reconciliation: of lines, or of the amounts in one currency, which is empty where the file's cell
    was none."""

    currency: str
    came_in: Decimal
    imported: Decimal
    reported: Decimal
    is_lines: bool = False

    @property
    def name(self) -> str:
        if self.is_lines:
            return "Lines"
        return f"Sum in {self.currency}" if self.currency else "Sum without a currency"

    @property
    def difference(self) -> Decimal:
        return self.came_in - self.imported - self.reported


def balances(counts: Mapping[str, Any], sums: Mapping[str, Any]) -> list[Balance]:
    """Lines first, then each currency."""
    return [
        _balance("", counts.get("lines", {}), is_lines=True),
        *(_balance(currency, sums[currency]) for currency in sorted(sums)),
    ]


def _balance(currency: str, figures: Mapping[str, Any], *, is_lines: bool = False) -> Balance:
    came_in, imported, reported = (Decimal(str(figures.get(side, 0))) for side in ("in", IMPORTED, REPORTED))
    return Balance(currency, came_in, imported, reported, is_lines)


def is_reconciled(counts: Mapping[str, Any], sums: Mapping[str, Any]) -> bool:
    return all(balance.difference == _ZERO for balance in balances(counts, sums))
