"""The keys and passwords of one installation on this machine: made once, kept in var/secrets.env for its owner only."""

import base64
import os
import secrets
from pathlib import Path

from devtools.launcher.console import LauncherError

NAMES = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "POSTGRES_PASSWORD", "VALKEY_PASSWORD")
# What an older installation does not have yet is made at its next start: nothing was written with it before.
NEWER_NAMES = ("HASH_PEPPERS",)


def new_keys() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "VALKEY_PASSWORD": secrets.token_urlsafe(24),
        "HASH_PEPPERS": secrets.token_urlsafe(32),
    }


def load_or_make_keys(file: Path, has_data: bool) -> dict[str, str]:
    if not file.exists():
        if has_data:
            raise LauncherError(
                f"{file} is missing, and without its keys the data cannot be read; put it back, "
                "or start over with bin/run --reset."
            )
        _write(file, new_keys())
    pairs = (line.partition("=") for line in file.read_text().splitlines() if not line.startswith("#"))
    keys = {name: value for name, _, value in pairs if value}
    missing = [name for name in NAMES if name not in keys]
    if missing:
        raise LauncherError(f"{file} misses {', '.join(missing)}; put it back, or start over with bin/run --reset.")
    made = new_keys()
    newer = {name: made[name] for name in NEWER_NAMES if name not in keys}
    if newer:
        keys |= newer
        _write(file, keys)
    return keys


def _write(file: Path, keys: dict[str, str]) -> None:
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    lines = [f"{name}={value}\n" for name, value in keys.items()]
    draft.write_text("# Of this installation alone. Losing it makes the data under var/ unreadable.\n" + "".join(lines))
    draft.replace(file)
