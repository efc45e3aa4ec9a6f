"""TenantModel: the base of every row that belongs to a merchant."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeVar, cast

from django.db import models
from django.db.models import sql

from core.ids import uuid7
from core.tenancy import NoScope, Scope, current_scope, require_scope

_M = TypeVar("_M", bound=models.Model, covariant=True)


class TenantQuery(sql.Query):
    """Refuses to compile outside the scope in which it was built."""

    scope_stamp: Scope | None = None

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        check_stamp(self)
        return super().get_compiler(*args, **kwargs)


def check_stamp(query: sql.Query) -> None:
    scope = require_scope()
    stamp = getattr(query, "scope_stamp", None)
    if stamp is None:
        raise NoScope("This query was built without a tenant scope.")
    if stamp != scope:
        raise NoScope("This query was built in another tenant's scope.")


class TenantQuerySet(models.QuerySet[_M]):
    def __init__(self, model: Any = None, query: Any = None, **kwargs: Any) -> None:
        super().__init__(model=model, query=query or TenantQuery(model), **kwargs)

    def update(self, **kwargs: Any) -> int:
        check_stamp(self.query)
        if "merchant" in kwargs or "merchant_id" in kwargs:
            raise NoScope("A row does not change its merchant.")
        return super().update(**kwargs)

    def _update(self, values: Any) -> int:
        check_stamp(self.query)
        updated: int = super()._update(values)  # type: ignore[misc]
        return updated

    def delete(self) -> tuple[int, dict[str, int]]:
        check_stamp(self.query)
        return super().delete()

    def _raw_delete(self, using: str | None) -> int:
        check_stamp(self.query)
        return super()._raw_delete(using)

    def _insert(self, objs: Iterable[models.Model], *args: Any, **kwargs: Any) -> Any:
        scope = require_scope()
        objs = list(objs)
        for obj in objs:
            fill_merchant(obj, scope)
        return super()._insert(objs, *args, **kwargs)  # type: ignore[misc]


def fill_merchant(obj: models.Model, scope: Scope) -> None:
    if obj.merchant_id is None:  # type: ignore[attr-defined]
        obj.merchant_id = scope.merchant_id  # type: ignore[attr-defined]
    if not scope.is_platform and obj.merchant_id != scope.merchant_id:  # type: ignore[attr-defined]
        raise NoScope("A row of another merchant was about to be written.")


_TenantManagerBase = models.Manager.from_queryset(TenantQuerySet)


class TenantManager(_TenantManagerBase[_M]):
    """Stamps each new queryset with the open scope and narrows it to that merchant."""

    def get_queryset(self) -> TenantQuerySet[_M]:
        queryset = cast("TenantQuerySet[_M]", super().get_queryset())
        scope = current_scope()
        queryset.query.scope_stamp = scope  # type: ignore[attr-defined]
        if scope is not None and not scope.is_platform:
            queryset = queryset.filter(merchant_id=scope.merchant_id)
        return queryset


class TenantModel(models.Model):
    """A row of one merchant. The database repeats the rule as a policy: see `core.db.operations.EnableRls`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+", editable=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    merchant_id: int
    pk: uuid.UUID

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        fill_merchant(self, require_scope())
        super().save_base(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        fill_merchant(self, require_scope())
        return super().delete(*args, **kwargs)

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        require_scope()
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)
