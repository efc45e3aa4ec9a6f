"""What the page of an import shows: how far it is, what it would store, what came of it."""

import json
from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest

from connectors.models import ImportKind, ImportNote, ImportProfile, ImportRun
from connectors.rules import Balance, balances, exact
from connectors.services.preview import NUMBERS
from core.admin.registry import Context
from core.admin.tags import NONE
from core.admin.words import Words, counted, duration, words_of
from core.formats import MINUS
from core.money import EXPONENTS

RUN = "connectors.ImportRun"
State = ImportRun.State
SHOWN_NOTES = 20

_ITEMS = {**dict(ImportKind.choices), "credits": "Credits", "complements": "Goes well with"}
_OUTCOMES = {
    "expected": "to import",
    "created": "new",
    "updated": "changed",
    "unchanged": "as they were",
    "applied": "refunded",
    "known": "known already",
    "unmatched": "without an order",
    "refused": "refused",
}
_STEPS = {
    State.CHECKING: "Reading the file",
    State.QUEUED: "Waiting for its turn",
    State.RUNNING: "Importing",
    State.CANCELLING: "Stopping",
}


def progress(request: HttpRequest, run: ImportRun) -> Context | None:
    if run.state not in ImportRun.DRIVEN:
        return None
    words = words_of(request)
    is_reading = run.state == State.CHECKING or not run.items_total
    done, total = (run.bytes_read, run.size) if is_reading else (run.items_done, run.items_total)
    what = f"{size(done)} of {size(total)}" if is_reading else f"{words.number(done)} of {words.number(total)}"
    reading = run.state == State.QUEUED and run.bytes_read
    return {
        "title": _STEPS[State.CHECKING if reading else State(run.state)],
        "state": run.state,
        "done": done,
        "total": max(total, 1),
        "text": f"{what} ({words.percent(Decimal(done) / max(total, 1), 0)})",
        "is_reading": is_reading,
    }


def refusal(request: HttpRequest, run: ImportRun) -> Context | None:
    if run.state != State.FAILED:
        return None
    place = []
    if run.error_line is not None:
        place.append(f"Line {words_of(request).number(run.error_line)}")
    if run.error_column:
        place.append(f"column {run.error_column}")
    return {
        "place": ", ".join(place).capitalize() if not run.error_line else ", ".join(place),
        "text": run.error,
        "is_stored": bool(run.checkpoint),
    }


def result(request: HttpRequest, run: ImportRun) -> Context | None:
    """The reconciliation, of what is stored so far or of what the preview expects."""
    if "lines" not in run.counts or run.state == State.QUEUED:
        return None
    words = words_of(request)
    is_preview = run.state == State.PREVIEWED
    rows = balances(run.counts, run.sums)
    return {
        "title": "What it comes to" if is_preview else "Reconciliation",
        "imported": "To import" if is_preview else "Imported",
        "items": [
            (
                _ITEMS.get(kind, kind),
                ", ".join(f"{words.number(n)} {_OUTCOMES.get(word, word)}" for word, n in outcomes.items()),
            )
            for kind, outcomes in run.counts.items()
            if kind != "lines" and outcomes
        ],
        "rows": [_balance_row(words, balance) for balance in rows],
        "is_open": run.state in (State.RUNNING, State.CANCELLING, State.CANCELLED),
        "agrees": all(not balance.difference for balance in rows),
    }


def _balance_row(words: Words, balance: Balance) -> dict[str, object]:
    figures = (balance.came_in, balance.imported, balance.reported, balance.difference)
    return {
        "name": balance.name,
        "figures": [
            words.number(int(figure)) if balance.is_lines else amount(words, figure, balance.currency)
            for figure in figures
        ],
        "differs": bool(balance.difference),
    }


def amount(words: Words, figure: Decimal, currency: str) -> str:
    """Grouped as the reader writes numbers, with every decimal that the file has, and at least the currency's."""
    usual = EXPONENTS.get(currency, 2)
    places = max(usual, -int(figure.normalize().as_tuple().exponent)) if figure else usual
    if places > 12 or abs(figure) >= 10**18:
        return exact(figure)
    whole, _, rest = f"{abs(figure):.{places}f}".partition(".")
    point = words.number(Decimal("1.5"))[1]
    return f"{MINUS if figure < 0 else ''}{words.number(int(whole))}{point if rest else ''}{rest}"


def preview(request: HttpRequest, run: ImportRun) -> Context | None:
    if run.state != State.PREVIEWED or not run.preview:
        return None
    made = json.loads(run.preview)
    numbers = [name in NUMBERS for name in made["columns"]]
    reported = run.counts.get("lines", {}).get("reported", 0)
    return {
        "heads": list(zip(made["columns"], numbers, strict=True)),
        "rows": [list(zip(row, numbers, strict=True)) for row in made["rows"]],
        "faults": made["faults"],
        "has_more_faults": reported > len(made["faults"]),
        "kind": run.get_kind_display().lower(),
        "count": len(made["rows"]),
    }


def notes(request: HttpRequest, run: ImportRun) -> Context | None:
    if not run.has_ended:
        return None
    reported = run.counts.get("lines", {}).get("reported", 0)
    # Remarks are about lines that were taken; they are shown where there is nothing worse.
    told = ImportNote.objects.filter(run_id=run.pk, is_line=reported > 0)
    found = list(told.order_by("line", "id")[: SHOWN_NOTES + 1])
    if not found:
        return None
    words = words_of(request)
    return {
        "count": counted(words.number(reported), "line was", "lines were") if reported else "",
        "rows": [
            {
                "line": words.number(note.line),
                "column": note.column,
                "message": note.message,
                "amount": amount(words, Decimal(note.amount), note.currency) if note.amount else "",
                "currency": note.currency,
            }
            for note in found[:SHOWN_NOTES]
        ],
        "has_more": len(found) > SHOWN_NOTES,
        "shown": SHOWN_NOTES,
    }


def facts(request: HttpRequest, run: ImportRun) -> Context:
    words = words_of(request)
    title = ImportProfile.objects.filter(name=run.profile_name).values_list("title", flat=True).first()
    rows = [
        ("Contents", run.get_kind_display()),
        ("Profile", title or run.profile_name),
        ("Size", size(run.size)),
        ("Brought by", "A command" if not run.is_upload else str(run.started_by or NONE)),
        ("Begun", words.moment(run.created_at)),
    ]
    if run.finished_at is not None:
        rows.append(("Ended", words.moment(run.finished_at)))
        if run.started_at is not None:
            rows.append(("Took", _took(run.finished_at - run.started_at)))
    if run.file is not None:
        rows.append(("File kept until", words.moment(run.file.expires_at)))
    return {"title": "File", "facts": rows}


def _took(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{max(seconds, 1)} s" if seconds < 60 else duration(span)


def size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
