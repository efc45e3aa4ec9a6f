"""A copy of everything that a merchant has here, without secrets: one file of JSON lines for each kind of row.

A worker writes it in slices, each one transaction and one stored file, so that a killed worker's export goes on and
no task is long. The download joins the slices to a zip while it is sent. It is no snapshot of one moment: for that,
suspend the merchant first.
"""

import json
import re
import time
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import BinaryField, Field, Model

from core import clock
from core.crypto import EncryptedTextField
from core.files import file_store
from core.ids import without_link_tokens
from core.models import IdempotencyRecord, StoredFile, StoredFilePart, TenantModel
from core.outbox import tell_worker
from core.tenancy import platform_scope, tenant_scope
from merchants.models import AuditEntry, Membership, MerchantExport, User
from merchants.services.audit import audit_record

EXPORT_TASK = "merchants.export_due"
PURPOSE = "merchant_export"
KEPT_FOR = timedelta(days=7)
# Slices are kept a little longer than the export offers them, so that no download ends in the middle.
SLICES_KEPT_FOR = KEPT_FOR + timedelta(days=1)
SLICE_ROWS = 20_000
RUN_SECONDS = 45.0
LEFT_OUT: tuple[type[Model], ...] = (IdempotencyRecord, StoredFile, StoredFilePart, MerchantExport)
# Sorts after every label: nothing is left to write.
LAST = "~"
_SECRET = re.compile(r"_hash$|token|secret|password")

State = MerchantExport.State


def exported_models() -> list[type[Model]]:
    """By label: the order of the slices."""
    models = [model for model in apps.get_models() if issubclass(model, TenantModel) and model not in LEFT_OUT]
    return sorted(models, key=lambda model: str(model._meta.label))


def exported_fields(model: type[Model]) -> "list[Field[Any, Any]]":
    """All but what is encrypted here, or stands for a key."""
    return [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, EncryptedTextField | BinaryField) and not _SECRET.search(field.attname)
    ]


def export_request(*, merchant_id: int, by: User) -> MerchantExport:
    """Have a worker write an export."""
    with tenant_scope(merchant_id), transaction.atomic():
        export = MerchantExport.objects.create(requested_by=by.email, expires_at=clock.now() + KEPT_FOR)
        export_record(export, "requested", by)
        transaction.on_commit(lambda: tell_worker(EXPORT_TASK))
    return export


def export_record(export: MerchantExport, action: str, by: User) -> None:
    audit_record(
        actor_type=AuditEntry.Actor.USER,
        actor_id=by.pk,
        action=f"merchant_export.{action}",
        object_type="merchant_export",
        object_id=export.pk,
    )


def exports_write() -> int:
    """Write what waits, for a while; returns how many slices were written."""
    deadline = time.monotonic() + RUN_SECONDS
    with platform_scope("exports to write"):
        waiting = MerchantExport.objects.exclude(state=State.DONE).order_by("created_at")
        found = list(waiting.values_list("merchant_id", "pk")[:100])
    slices = 0
    for merchant_id, export_id in found:
        with tenant_scope(merchant_id):
            while slice_write(export_id):
                slices += 1
                if time.monotonic() > deadline:
                    tell_worker(EXPORT_TASK)
                    return slices
    return slices


def slice_write(export_id: uuid.UUID, limit: int = SLICE_ROWS) -> bool:
    """Write the next slice of the open scope's export; False when it is done, or another worker is at it."""
    with transaction.atomic():
        waiting = MerchantExport.objects.select_for_update(skip_locked=True).exclude(state=State.DONE)
        export = waiting.filter(pk=export_id).first()
        if export is None:
            return False
        left = [model for model in exported_models() if model._meta.label >= export.model]
        if not left:
            export.state, export.finished_at = State.DONE, clock.now()
            export.expires_at = export.finished_at + KEPT_FOR
        else:
            export.state = State.RUNNING
            _write(export, left, limit)
        export.save()
        return export.state != State.DONE


def _write(export: MerchantExport, left: list[type[Model]], limit: int) -> None:
    model = left[0]
    lines = _Lines(model, export, limit)
    first = next(lines, None)
    if first is not None:
        name = f"{model._meta.label}-{len(export.slices) + 1}.jsonl"
        file = file_store(_chained(first, lines), purpose=PURPOSE, name=name, keep=SLICES_KEPT_FOR)
        export.slices.append(
            {"model": model._meta.label, "file": str(file.pk), "rows": lines.rows, "sha256": file.sha256}
        )
    if lines.rows < limit:
        export.model, export.after = left[1]._meta.label if len(left) > 1 else LAST, ""
    else:
        export.model, export.after = model._meta.label, str(lines.last)


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


class _Lines(Iterator[bytes]):
    """The next rows after the last one that is written, by primary key, a line each."""

    def __init__(self, model: type[Model], export: MerchantExport, limit: int) -> None:
        self.rows = 0
        self.last: object = None
        self._names = [field.attname for field in exported_fields(model)]
        rows = model._default_manager.filter(merchant_id=export.merchant_id).order_by("pk")
        if export.after:
            rows = rows.filter(pk__gt=export.after)
        names = [*self._names, *(["user__email", "user__name"] if model is Membership else [])]
        self._columns = [name.replace("__", "_") for name in names]
        self._found = rows.values_list("pk", *names)[:limit].iterator(chunk_size=2000)

    def __next__(self) -> bytes:
        self.last, *values = next(self._found)
        values = [without_link_tokens(value) if isinstance(value, str) else value for value in values]
        self.rows += 1
        return json.dumps(dict(zip(self._columns, values, strict=True)), default=_plain).encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | uuid.UUID | timedelta):
        return str(value)
    raise TypeError(f"An export cannot write {type(value).__name__}.")
