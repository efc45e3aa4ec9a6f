"""Backups: one file that pg_dump writes, one beside it that says what must be in it."""

from core.backup.records import last_backup

__all__ = ["last_backup"]
