"""What a migration may do while the release before it still runs: docs/upgrading.md, ADR 0010."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field, ManyToManyField

from core.db.online import AddIndexOnline

TAKES_AWAY = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
MAY_BE_APPLIED_TWICE = (AddIndexOnline, RemoveIndexConcurrently)
SQL_TAKES_AWAY = re.compile(r"\b(DROP\s+(TABLE|COLUMN)|RENAME|SET\s+NOT\s+NULL)\b", re.IGNORECASE)


def faults(migration: migrations.Migration, state: ProjectState) -> Iterator[str]:
    """What the release before would stumble over, or what stops the shop meanwhile. Takes the state forward."""
    made: set[str] = set()
    for operation in migration.operations:
        for part in _parts(operation):
            told = f"{migration}: {part.describe()}"
            if not hasattr(migration, "contract_of") and (why := _stumbles(part, migration.app_label, state, made)):
                yield f"{told}: {why}"
            if not migration.atomic and not isinstance(part, MAY_BE_APPLIED_TWICE):
                yield f"{told}: it may be applied twice, because a migration that is not atomic may be killed"
            if isinstance(part, migrations.CreateModel):
                made.add(part.name_lower)
        operation.state_forwards(migration.app_label, state)


def _parts(operation: Operation) -> Iterator[Operation]:
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for part in operation.database_operations:
            yield from _parts(part)
    else:
        yield operation


def _stumbles(operation: Operation, app: str, state: ProjectState, made: set[str]) -> str:
    if isinstance(operation, TAKES_AWAY):
        return "" if _is_of(operation, made) else "the release before uses it"
    if isinstance(operation, migrations.RunSQL):
        return "the release before uses it" if SQL_TAKES_AWAY.search(str(operation.sql)) else ""
    if _is_of(operation, made):
        return ""
    if isinstance(operation, migrations.AddField):
        return _unknown_to_the_old(operation.field)
    if isinstance(operation, migrations.AlterField):
        before = state.models[app, operation.model_name_lower].fields[operation.name]
        return _narrower(before, operation.field)
    if isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexOnline):
        return "writing waits while it is made: use AddIndexOnline"
    return ""


def _is_of(operation: Operation, made: set[str]) -> bool:
    """Tables of this very migration are unknown to everybody."""
    name = getattr(operation, "model_name_lower", None) or getattr(operation, "name_lower", "")
    return name in made


def _unknown_to_the_old(field: "Field[Any, Any]") -> str:
    """Django gives its own defaults with each INSERT; the release before does not know the column."""
    if field.null or isinstance(field, ManyToManyField) or field.db_default is not NOT_PROVIDED:
        return ""
    return "the release before writes rows without it: give it null=True or a db_default"


def _narrower(before: "Field[Any, Any]", after: "Field[Any, Any]") -> str:
    if before.null and not after.null:
        return "the release before may write NULL"
    if (before.max_length or 0) > (after.max_length or 10**9):
        return "the release before may write longer texts"
    if before.db_column != after.db_column:
        return "the release before uses the column"
    return ""
