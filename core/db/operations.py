"""Migration operations for what a model cannot say: policies, composite foreign keys, append-only tables."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_POLICY = """
    merchant_id = (SELECT nullif(nullif(current_setting('app.tenant', true), ''), '*')::bigint)
    OR (SELECT current_setting('app.tenant', true)) = '*'
"""


class _SqlOperation(Operation):
    """Runs SQL on the tables of some models of the migration's app, forwards and backwards."""

    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models' state does not change."""

    def _run(self, editor: BaseDatabaseSchemaEditor, statements: list[str]) -> None:
        for statement in statements:
            editor.execute(statement, params=None)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._run(schema_editor, self.forwards_sql(app_label, to_state))

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._run(schema_editor, self.backwards_sql(app_label, from_state))

    def forwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        raise NotImplementedError

    def backwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        raise NotImplementedError


def _table(app_label: str, model: str, state: ProjectState) -> str:
    table: str = state.apps.get_model(app_label, model)._meta.db_table
    return table


class EnableRls(_SqlOperation):
    """ENABLE and FORCE row-level security with one policy for reading and writing."""

    def __init__(self, *models: str) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, list(self.models), {}

    def describe(self) -> str:
        return f"Row-level security on {', '.join(self.models)}"

    def forwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        statements = []
        for table in (_table(app_label, model, state) for model in self.models):
            statements += [
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY tenant ON {table} USING ({_POLICY}) WITH CHECK ({_POLICY})",
            ]
        return statements

    def backwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        statements = []
        for table in (_table(app_label, model, state) for model in self.models):
            statements += [
                f"DROP POLICY tenant ON {table}",
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            ]
        return statements


class TenantForeignKey(_SqlOperation):
    """A composite key (merchant_id, <field>) → (merchant_id, id): PostgreSQL's own check ignores the policies.

    The referred table gets a unique index on (merchant_id, id) once.
    """

    def __init__(self, model: str, field: str) -> None:
        self.model, self.field = model, field

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model, self.field], {}

    def describe(self) -> str:
        return f"{self.model}.{self.field} refers to the same merchant"

    def _names(self, app_label: str, state: ProjectState) -> tuple[str, str, str, str]:
        model = state.apps.get_model(app_label, self.model)
        field: Any = model._meta.get_field(self.field)
        table, target = model._meta.db_table, field.related_model._meta.db_table
        return table, field.column, target, f"{table}_{field.column}_same_merchant"[:63]

    def forwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        table, column, target, name = self._names(app_label, state)
        return [
            f"CREATE UNIQUE INDEX IF NOT EXISTS {target}_merchant_id_id ON {target} (merchant_id, id)",
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (merchant_id, {column}) "
            f"REFERENCES {target} (merchant_id, id) DEFERRABLE INITIALLY DEFERRED",
        ]

    def backwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        table, _, _, name = self._names(app_label, state)
        return [f"ALTER TABLE {table} DROP CONSTRAINT {name}"]


# `app.purge` names a merchant whose deletion is under way, for one transaction; nothing else may delete history.
_REFUSE_CHANGE = """
    CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' AND current_setting('app.purge', true) = OLD.merchant_id::text THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'Rows of % are never changed or deleted', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


class AllowPurge(_SqlOperation):
    """Brings the triggers of tables that are append-only already up to date. Backwards there is nothing to do."""

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [], {}

    def describe(self) -> str:
        return "The history of a merchant that is deleted goes with it"

    def forwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        return [_REFUSE_CHANGE]

    def backwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        return []


class AppendOnly(_SqlOperation):
    """Triggers that refuse UPDATE and DELETE: history stays as it was written, as long as its merchant is there."""

    def __init__(self, model: str) -> None:
        self.model = model

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model], {}

    def describe(self) -> str:
        return f"{self.model} is append-only"

    def forwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        table = _table(app_label, self.model, state)
        return [
            _REFUSE_CHANGE,
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION core_refuse_change()",
        ]

    def backwards_sql(self, app_label: str, state: ProjectState) -> list[str]:
        return [f"DROP TRIGGER append_only ON {_table(app_label, self.model, state)}"]
