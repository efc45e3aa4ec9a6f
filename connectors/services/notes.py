"""What is told about lines: as the file's reader said it, and as the services answered."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from connectors.imports.plan import Item, Note
from connectors.models import ImportNote, ImportRun
from connectors.rules import exact
from connectors.services.store import Outcome
from core.tenancy import require_merchant_id

MAX_MESSAGE = 1000


def notes_of_items(items: Sequence[Item], outcomes: Sequence[Outcome]) -> Iterator[Note]:
    """A refused item is reported line by line; its amount stands at its first line."""
    for item, outcome in zip(items, outcomes, strict=True):
        if outcome.refused is not None:
            yield from _refused(item, *outcome.refused)
        elif outcome.remark is not None and item.lines:
            yield Note(item.lines[0], "", *outcome.remark, Decimal(0), item.currency, is_line=False)


def _refused(item: Item, code: str, message: str) -> Iterator[Note]:
    for place, line in enumerate(item.lines):
        if place == 0:
            yield Note(line, "", code, message, item.amount, item.currency, is_line=True)
        else:
            text = f"Left out together with line {item.lines[0]:,}."
            yield Note(line, "", "left_out_with_order", text, Decimal(0), item.currency, is_line=True)


def notes_store(run: ImportRun, phase: str, notes: Iterable[Note]) -> None:
    ImportNote.objects.bulk_create(
        ImportNote(
            merchant_id=require_merchant_id(),
            run_id=run.pk,
            line=note.line,
            column=_plain(note.column)[:200],
            code=note.code,
            message=_plain(note.message)[:MAX_MESSAGE],
            amount=exact(note.amount),
            currency=note.currency,
            is_line=note.is_line,
            phase=phase,
        )
        for note in notes
    )


def _plain(text: str) -> str:
    """As PostgreSQL can keep it: no NUL, no half characters."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\N{SYMBOL FOR NULL}")
