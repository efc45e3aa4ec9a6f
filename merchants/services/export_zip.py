"""An export as it is downloaded: a zip that is made while it is sent, in constant memory."""

import json
import zipfile
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from core.files import PART_BYTES, file_open
from core.models import StoredFile
from core.tenancy import tenant_scope
from merchants.models import Merchant, MerchantExport
from merchants.services.exports import LEFT_OUT, exported_fields, exported_models

README = """All rows that the platform holds of this shop. Each file has one JSON object a line; amounts are in
minor units of the currency beside them (cents, pence), times in UTC. manifest.json says how many rows each file has,
the SHA-256 of its slices, and what is left out: secrets, which are of no use elsewhere.
"""
# Settings of the merchant itself; the rest of its row is for operators.
_MERCHANT = (
    *("public_id", "slug", "name", "currency", "time_zone", "locale", "support_email", "address_line"),
    *("brand_colour", "window_minutes", "window_cut_offs", "blackout_weekdays", "link_charge_limit_minor"),
)


class _Sink:
    """What zipfile writes to; whoever sends the zip takes out what is there."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None: ...

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def export_zip(export: MerchantExport, merchant: Merchant) -> Iterator[bytes]:
    """Its bytes, piece by piece. Opens the merchant's scope around each piece: responses are sent outside it."""
    sink: Any = _Sink()  # zipfile asks for no more than it has
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("README.txt", README)
        for label, slices in groupby(export.slices, key=lambda one: one["model"]):
            with archive.open(f"data/{label}.jsonl", "w", force_zip64=True) as member:
                for one in slices:
                    for part in _parts(export, one["file"]):
                        member.write(part)
                        yield sink.take()
        archive.writestr("manifest.json", json.dumps(manifest(export, merchant), indent=1))
    yield sink.take()


def _parts(export: MerchantExport, file_id: str) -> Iterator[bytes]:
    with tenant_scope(export.merchant_id):
        source = file_open(StoredFile.objects.get(pk=file_id))
    while True:
        with tenant_scope(export.merchant_id):
            part = source.read(PART_BYTES)
        if not part:
            return
        yield part


def manifest(export: MerchantExport, merchant: Merchant) -> dict[str, Any]:
    files: dict[str, dict[str, Any]] = {}
    for one in export.slices:
        file = files.setdefault(f"data/{one['model']}.jsonl", {"rows": 0, "slices": []})
        file["rows"] += one["rows"]
        file["slices"].append({"rows": one["rows"], "sha256": one["sha256"]})
    kept = {model: {field.name for field in exported_fields(model)} for model in exported_models()}
    return {
        "merchant": {name: _plain(getattr(merchant, name)) for name in _MERCHANT},
        "begun_at": export.created_at.isoformat(),
        "finished_at": export.finished_at.isoformat() if export.finished_at else None,
        "files": files,
        "left_out": {
            "kinds": [model._meta.label for model in LEFT_OUT],
            "fields": [
                f"{model._meta.label}.{field.name}"
                for model, names in kept.items()
                for field in model._meta.concrete_fields
                if field.name not in names
            ],
        },
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | list) else str(value)
