"""Small files for imports, the profile that reads them, and what a shop holds afterwards, comparably."""

import hashlib
import io
import json
import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, Model

from connectors.imports.profile import Profile
from connectors.models import ImportProfile, ImportRun
from connectors.services.runs import FILE_KEPT_FOR, FILE_PURPOSE, run_create_from_path, run_create_from_upload
from core.files import file_store
from core.models import TenantModel

SETTINGS: dict[str, Any] = {
    "kind": "orders",
    "source": "till",
    "currency": "USD",
    "refund_prefix": "C",
    "creates_products": True,
    "columns": {
        "external_id": "Invoice",
        "placed_at": "Date",
        "customer_external_id": "Customer",
        "line_sku": "Code",
        "line_title": "Title",
        "line_quantity": "Qty",
        "line_unit_price": "Price",
    },
}
HEAD = "Invoice,Date,Customer,Code,Title,Qty,Price\n"
# Orders take one line each; then a credit that fits the first, one that fits none, and a line that cannot be read.
ODD_LINES = (
    "C9001,2025-03-01 09:00,1,A1,Mug,-1,10.00\n"
    "C9002,2025-03-01 09:05,1,ZZ,Never sold,-1,99.00\n"
    "9003,2025-03-01 09:10,2,A1,Mug,two,10.00\n"
)


def orders_csv(orders: int = 3, odd: str = ODD_LINES) -> bytes:
    rows = [
        f"{1000 + n},2025-02-0{1 + n % 9} 10:00,{1 + n % 7},A{1 + n % 5},Mug,{1 + n % 3},10.00\n" for n in range(orders)
    ]
    return (HEAD + "".join(rows) + odd).encode()


def till_profile(**changes: Any) -> ImportProfile:
    settings = Profile.parse({**SETTINGS, **changes}).dump()
    return ImportProfile.objects.create(name="till", title="The till", kind=settings["kind"], settings=settings)


def upload(profile: ImportProfile, data: bytes, name: str = "orders.csv") -> ImportRun:
    file = file_store(io.BytesIO(data), purpose=FILE_PURPOSE, name=name, keep=FILE_KEPT_FOR)
    return run_create_from_upload(profile=profile, file=file, started_by=None)


def from_path(profile: ImportProfile, data: bytes) -> ImportRun:
    return run_create_from_path(
        profile=profile,
        settings=Profile.parse(profile.settings),
        name="orders.csv",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )


# What a run says about itself, and whose files they were.
_OF_RUNS = {
    "connectors.ImportRun",
    "connectors.ImportNote",
    "connectors.ImportProfile",
    "core.StoredFile",
    "core.StoredFilePart",
}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Said by the file; all other times are those of the import itself.
_TIMES_OF_THE_FILE = {"placed_at", "paid_at", "cancelled_at", "refunded_at", "consented_at"}


def everything() -> dict[str, list[str]]:
    """Every row of the open scope as it is, by model: for what must not have changed at all."""
    return {model._meta.label: sorted(map(_exact, model._default_manager.all())) for model in _models()}


def contents() -> dict[str, list[str]]:
    """Every row of the open scope without ids and times of the import, by model: for two shops that must be alike."""
    return {model._meta.label: sorted(map(_alike, model._default_manager.all())) for model in _models()}


def _models() -> list[type[Model]]:
    return [
        model for model in apps.get_models() if issubclass(model, TenantModel) and model._meta.label not in _OF_RUNS
    ]


def _exact(row: Model) -> str:
    return repr({field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields})


def _alike(row: Model) -> str:
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or field.name == "merchant":
            continue
        value = getattr(row, field.attname)
        if isinstance(field, ForeignKey):
            values[field.name] = _name(getattr(row, field.name)) if value else None
        elif isinstance(value, UUID) or (isinstance(value, datetime) and field.name not in _TIMES_OF_THE_FILE):
            continue
        elif isinstance(value, dict | list):
            values[field.name] = _UUID.sub("…", json.dumps(value, sort_keys=True))
        else:
            values[field.name] = str(value)
    return repr(values)


def _name(row: Model) -> str:
    return str(getattr(row, "external_id", "") or row)
