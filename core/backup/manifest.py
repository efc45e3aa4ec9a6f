"""The file beside a dump: what must be in it, and by what keys its secrets can be read."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from core.backup.contents import Contents
from core.backup.errors import BackupError

FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    format: int
    taken_at: datetime
    server_version: int
    platform_version: str
    size: int
    sha256: str
    tables: Contents
    sequences: dict[str, int]
    migrations: list[str]
    keys: dict[str, list[str]]

    def text(self) -> str:
        """Ends with a hash of the rest: what was edited or cut off by accident is noticed."""
        told = {**asdict(self), "taken_at": self.taken_at.isoformat()}
        return json.dumps({**told, "manifest_sha256": _hash_of(told)}, indent=1, sort_keys=True) + "\n"

    @classmethod
    def read(cls, file: Path) -> Self:
        try:
            told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            given = told.pop("manifest_sha256")
            if given != _hash_of(told):
                raise BackupError(f"{file} was changed after it was written; use another backup.")
            if told["format"] != FORMAT:
                raise BackupError(f"{file} is of format {told['format']}; this release reads format {FORMAT}.")
            told["taken_at"] = datetime.fromisoformat(told["taken_at"]).astimezone(UTC)
            told["tables"] = {table: (count, digest) for table, (count, digest) in told["tables"].items()}
            return cls(**{field.name: told[field.name] for field in fields(cls)})
        except FileNotFoundError as error:
            raise BackupError(f"{file} is missing, so nothing says what its dump must hold; use another.") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(f"{file} cannot be read as a manifest; use another backup.") from error

    def check_dump(self, file: Path) -> None:
        """Raises BackupError when it is not, byte for byte, the one that was written."""
        try:
            size = file.stat().st_size
        except OSError as error:
            raise BackupError(f"{file} cannot be read ({error.strerror}).") from error
        if size != self.size:
            raise BackupError(f"{file} has {size} bytes instead of {self.size}: it was cut off; use another backup.")
        if hash_file(file) != self.sha256:
            raise BackupError(f"{file} was changed after it was written; use another backup.")


def hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash_of(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def key_fingerprints() -> dict[str, list[str]]:
    """Names for the keys of the settings, which say nothing of the keys."""
    named: dict[str, Sequence[str]] = {
        "FIELD_ENCRYPTION_KEYS": settings.FIELD_ENCRYPTION_KEYS,
        "HASH_PEPPERS": settings.HASH_PEPPERS,
    }
    return {
        name: [hashlib.sha256(f"{name}:{key}".encode()).hexdigest()[:12] for key in keys]
        for name, keys in named.items()
    }
