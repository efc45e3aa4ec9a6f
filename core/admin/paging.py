"""Lists of 50 rows that never count a whole table."""

from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import registry
from core.admin.bases import Paginator
from core.admin.search import MOST

CAP = 2_000


class CappedPaginator(Paginator[Any]):
    """Counts exactly up to CAP rows and stops there; older rows are reached by search and filters."""

    object_list: QuerySet[Any]

    @cached_property
    def _counted(self) -> int:
        # A slice keeps the count to CAP + 1 rows; in the list's own order, so that both walk the same index.
        return self.object_list[: CAP + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, CAP)

    @property
    def is_capped(self) -> bool:
        return self._counted > CAP

    @property
    def cap_text(self) -> str:
        return f"{CAP:,}"


class ScopedChangeList(ChangeList):
    """Fetches the registered columns of the page in one go per column, and sorts only where an index does."""

    def get_ordering_field(self, field_name: Any) -> Any:
        name = getattr(field_name, "__name__", field_name)
        return super().get_ordering_field(field_name) if name in (self.sortable_by or ()) else None

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        page: str = self.model_admin.page  # type: ignore[attr-defined]
        rows = self._rows()
        self.result_list = rows
        for column in registry.columns_of(page):
            values = column.values(request, rows) if rows else {}
            for row in rows:
                setattr(row, f"_column_{column.name}", values.get(row.pk, "–"))

    @property
    def is_cut(self) -> bool:
        """There are more matches than were looked for."""
        may_cut: bool = self.model_admin.search_is_cut  # type: ignore[attr-defined]
        return may_cut and bool(self.query) and self.result_count >= MOST

    def _rows(self) -> list[Any]:
        """The keys of the page first, then its rows: what belongs to them is joined to fifty rows, never to all."""
        keys = list(self.result_list.values_list("pk", flat=True)[: self.list_per_page])
        rows = {row.pk: row for row in self.apply_select_related(self.root_queryset).filter(pk__in=keys).order_by()}
        return [rows[key] for key in keys if key in rows]
