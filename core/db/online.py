"""Index operations that let the shop go on while they run. They need `atomic = False` on their migration."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations.state import ProjectState


class AddIndexOnline(AddIndexConcurrently):
    """CREATE INDEX CONCURRENTLY that may be run again: what an interrupted run left under the name is dropped first.

    Such a migration cannot be rolled back as a whole, so an interrupted one is simply applied again.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
