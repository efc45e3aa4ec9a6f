"""Many rows of one model in one statement, whatever their number.

Values travel as one JSON array per column. Django's own bulk methods pass every value through its field, which for ten
thousand rows takes four times as long as PostgreSQL takes to store them. COPY is closed to tables with row policies.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault

from core.models.base import TenantModel, fill_merchant
from core.tenancy import require_merchant_id, require_scope

_Row = TypeVar("_Row", bound=TenantModel)


@dataclass(frozen=True, slots=True)
class _Column:
    attribute: str
    name: str
    type: str

    @property
    def function(self) -> str:
        return "json_array_elements" if self.type == "jsonb" else "json_array_elements_text"

    def json(self, values: Sequence[Any]) -> str:
        """Ids, times and decimals have no form of their own in JSON; PostgreSQL reads their text."""
        if self.type == "uuid":  # the most common of them, and three times as fast here as one by one below
            values = [value and value.hex for value in values]
        return json.dumps(values, default=str, separators=(",", ":"))


@cache
def _columns(model: type[TenantModel]) -> tuple[_Column, ...]:
    given = (field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField))
    return tuple(_column(field) for field in given if not field.generated)  # PostgreSQL's own to compute


def _column(field: "models.Field[Any, Any]") -> _Column:
    if not type(field).__module__.startswith("django.db.models."):
        raise TypeError(f"{field} turns its values into others before they are stored; use bulk_create.")
    # Without the length: a cast to it would cut silently what is to be refused.
    kind = str(field.db_type(connection)).partition("(")[0]
    return _Column(field.attname, connection.ops.quote_name(str(field.column)), kind)


def row_new(model: type[_Row], values: dict[str, Any]) -> _Row:
    """An object from values for all its columns by attribute name, as `rows_insert` takes it.

    Without what Django's constructor looks at besides, which for the lines of history is a fifth of an import.
    """
    row = model.__new__(model)
    row.__dict__.update(values, _state=ModelState())
    return row


def rows_insert(model: type[TenantModel], rows: Sequence[TenantModel], *, ignore_conflicts: bool = False) -> int:
    """Insert the rows in their order; returns how many were (those that exist already are not, if they may)."""
    if not rows:
        return 0
    scope = require_scope()
    for row in rows:
        fill_merchant(row, scope)
    _fill_database_defaults(model, rows)
    columns = _columns(model)
    names = ", ".join(column.name for column in columns)
    select, params = _select(columns, rows)
    ending = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    with connection.cursor() as cursor:
        # Names come from the models; values are parameters.
        cursor.execute(f"INSERT INTO {_table(model)} ({names}) {select}{ending}", params)
        count: int = cursor.rowcount
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return count


def _fill_database_defaults(model: type[TenantModel], rows: Sequence[TenantModel]) -> None:
    """A new object holds a placeholder where the database has a default; every column is written here, so ask ours."""
    for field in model._meta.concrete_fields:
        if not field.has_db_default():
            continue
        for row in rows:
            if isinstance(getattr(row, field.attname), DatabaseDefault):
                if hasattr(field.db_default, "resolve_expression"):
                    raise TypeError(f"The default of {field} is computed by PostgreSQL; give it a value.")
                setattr(row, field.attname, field.db_default)


def rows_update(model: type[TenantModel], rows: Sequence[TenantModel]) -> int:
    """Write all columns of the rows, known by their ids, of the open scope's merchant."""
    if not rows:
        return 0
    scope = require_scope()
    for row in rows:
        fill_merchant(row, scope)
    columns = _columns(model)
    setting = ", ".join(f"{column.name} = given.{column.name}" for column in columns if column.name != '"id"')
    select, params = _select(columns, rows)
    with connection.cursor() as cursor:
        # OFFSET keeps the casts inside: they are not leakproof, and under row-level security a comparison with one of
        # them would find no index.
        cursor.execute(
            f"UPDATE {_table(model)} AS stored SET {setting} FROM ({select} OFFSET 0) AS given "  # noqa: S608
            "WHERE stored.merchant_id = %s AND stored.id = given.id",
            [*params, require_merchant_id()],
        )
        count: int = cursor.rowcount
    return count


def _table(model: type[TenantModel]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _select(columns: Sequence[_Column], rows: Sequence[TenantModel]) -> tuple[str, list[str]]:
    values = zip(*map(attrgetter(*(column.attribute for column in columns)), rows), strict=True)
    casts = ", ".join(f"r{place}::{column.type} AS {column.name}" for place, column in enumerate(columns))
    sources = ", ".join(f"{column.function}(%s::json)" for column in columns)
    aliases = ", ".join(f"r{place}" for place in range(len(columns)))
    params = [column.json(given) for column, given in zip(columns, values, strict=True)]
    return f"SELECT {casts} FROM ROWS FROM ({sources}) AS given({aliases})", params  # noqa: S608
