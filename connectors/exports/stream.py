"""A file in pieces: one page of rows in memory, each page read in a scope of its own.

A web server sends the pieces after the request's own scope is closed.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from django.db import Error
from django.db.models import F, Func, TextField, Value
from django.db.models.lookups import GreaterThan

from connectors.exports.cells import csv_text
from core.ids import uuid7
from core.tenancy import require_merchant_id, tenant_scope
from merchants.services.audit import audit_record
from orders.services.revisions import Actor

PAGE = 500
BYTE_ORDER_MARK = "\ufeff"
# The transfer is broken off as well. But whoever keeps what had come shall not take it for the whole, nor shall the
# importer: this is no row of any file.
BROKEN_OFF = "This file is not complete: the export was broken off. Please export again."


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where to go on; `last` is None after the last page. `things` counts orders, not their lines."""

    rows: Sequence[Sequence[str]]
    things: int
    last: tuple[object, ...] | None


class Export(Protocol):
    """A query in the open scope and the columns that it fills. Pages are read in the same merchant's scope."""

    kind: ClassVar[str]
    columns: tuple[str, ...]

    def page(self, after: tuple[object, ...] | None) -> Page: ...


def beyond(names: Sequence[str], values: Sequence[object]) -> GreaterThan:
    """Rows behind the one with these values: `(a, b) > (1, 2)`, which PostgreSQL finds in an index on both at once."""
    row = TextField()  # a row has no field of its own; this one is never written
    here = Func(*map(F, names), function="ROW", output_field=row)
    return GreaterThan(here, Func(*map(Value, values), function="ROW", output_field=row))


def export_start(export: Export, *, actor: Actor, asked: Mapping[str, str], bom: bool) -> Iterator[bytes]:
    """The file of `export` in pieces, to be read later and outside of the open scope.

    Written into the audit log now, and again with the count when it has ended, however it ended. `asked` are filters in
    words without personal data.
    """
    merchant_id, export_id = require_merchant_id(), uuid7()
    _audit(export, export_id, actor, "export_started", asked)

    def ended(things: int, *, is_complete: bool) -> None:
        with tenant_scope(merchant_id):
            _audit(export, export_id, actor, "exported", {export.kind: things, "complete": is_complete})

    return _pieces(export, merchant_id, bom=bom, ended=ended)


def _audit(export: Export, export_id: uuid.UUID, actor: Actor, done: str, after: Mapping[str, object]) -> None:
    audit_record(
        actor_type=actor.type,
        actor_id=actor.id,
        action=f"{export.kind}.{done}",
        object_type="export",
        object_id=export_id,
        after=dict(after),
    )


class _Ended(Protocol):
    def __call__(self, things: int, *, is_complete: bool) -> None: ...


def _pieces(export: Export, merchant_id: int, *, bom: bool, ended: _Ended) -> Iterator[bytes]:
    things, is_complete = 0, False
    try:
        yield ((BYTE_ORDER_MARK if bom else "") + csv_text([export.columns])).encode()
        for page in _pages(export, merchant_id):
            things += page.things
            yield csv_text(page.rows).encode()
        is_complete = True
    except Error:
        yield csv_text([[BROKEN_OFF]]).encode()
        raise
    finally:
        ended(things, is_complete=is_complete)


def _pages(export: Export, merchant_id: int) -> Iterator[Page]:
    last: tuple[object, ...] | None = None
    while True:
        with tenant_scope(merchant_id):
            page = export.page(last)
        yield page
        last = page.last
        if last is None:
            return
