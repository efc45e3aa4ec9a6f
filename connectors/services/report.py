"""The report of a run as CSV: the reconciliation, then every line that was reported."""

import uuid
from collections.abc import Iterable, Iterator, Sequence

from connectors.exports.cells import csv_text, text
from connectors.models import ImportNote, ImportRun
from connectors.rules import Balance, balances, exact
from core.tenancy import require_merchant_id, tenant_scope

PAGE = 500


def report_chunks(run: ImportRun) -> Iterator[str]:
    """Text in pieces, to be read later and outside of the open scope; each page is read in a scope of its own."""
    return _chunks(run, require_merchant_id())


def _chunks(run: ImportRun, merchant_id: int) -> Iterator[str]:
    head: list[Sequence[object]] = [
        ("File", text(run.file_name)),
        ("SHA-256", run.sha256),
        ("Profile", run.profile_name),
        ("State", run.get_state_display()),
    ]
    if run.error:
        head.append(("Error", text(run.error), run.error_line or "", text(run.error_column)))
    head += [(), ("Reconciliation", "In", "Imported", "Reported", "Difference")]
    head += [balance_row(balance) for balance in balances(run.counts, run.sums)]
    head += [(), ("Items", "Outcome", "Number")]
    head += [(kind, word, number) for kind, words in _items(run) for word, number in words.items()]
    head += [(), ("Line", "Column", "Code", "Reason", "Amount", "Currency", "Left out")]
    yield csv_text(head)
    last = (0, 0)
    while True:
        with tenant_scope(merchant_id):
            page = _page(run.pk, last)
        if not page:
            return
        yield csv_text(_note_row(note) for note in page)
        last = (page[-1].line, page[-1].pk)


def _items(run: ImportRun) -> Iterable[tuple[str, dict[str, int]]]:
    return ((kind, words) for kind, words in run.counts.items() if kind != "lines")


def balance_row(balance: Balance) -> tuple[str, ...]:
    figures = (balance.came_in, balance.imported, balance.reported, balance.difference)
    return (balance.name, *map(exact, figures))


def _page(run_id: uuid.UUID, after: tuple[int, int]) -> list[ImportNote]:
    """By line, then in order of writing."""
    line, pk = after
    notes = ImportNote.objects.filter(run_id=run_id, line__gte=line).exclude(line=line, id__lte=pk)
    return list(notes.order_by("line", "id")[:PAGE])


def _note_row(note: ImportNote) -> tuple[object, ...]:
    left_out = "yes" if note.is_line else "no"
    return (note.line, text(note.column), note.code, text(note.message), note.amount, note.currency, left_out)
