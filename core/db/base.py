"""PostgreSQL backend that keeps the connection setting `app.tenant` equal to the open scope (ENGINE = "core.db").

The setting is written lazily, before the first statement after a change of scope, so autocommit reads need no
transaction. A rollback may undo it, hence the forgetting below.
"""

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from core.db.slow import timed
from core.tenancy import current_scope


class DatabaseWrapper(base.DatabaseWrapper):
    _tenant_setting: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers += [self._sync_tenant, timed]

    def _sync_tenant(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        scope = current_scope()
        wanted = "" if scope is None else scope.guc
        # In a failed transaction only the rollback is let through; it needs no setting.
        if wanted != self._tenant_setting and not sql.startswith("ROLLBACK"):
            context["cursor"].connection.execute("SELECT set_config('app.tenant', %s, false)", [wanted])
            self._tenant_setting = wanted
        return execute(sql, params, many, context)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._tenant_setting = None
        return super().get_new_connection(conn_params)

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]  # the stubs leave the private hooks out
        self._tenant_setting = None

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._tenant_setting = None

    def _close(self) -> None:
        self._tenant_setting = None
        super()._close()  # type: ignore[misc]
