"""How a value stands in a cell, and cells in a file. What is written here our own reader turns back into the same."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from connectors.columns import FORMULA_STARTS


def text(value: str) -> str:
    """Marked with an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def flag(value: bool) -> str:
    return "true" if value else "false"


def number(value: int | None) -> str:
    return "" if value is None else str(value)


def moment(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def rate(basis_points: int | None) -> str:
    """2000 is 0.2000."""
    return "" if basis_points is None else format(Decimal(basis_points).scaleb(-4), "f")


def plain(value: Decimal) -> str:
    """Without zeros that say nothing."""
    return format(value.normalize(), "f")


def record(value: object) -> str:
    """JSON; empty where there is nothing."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
