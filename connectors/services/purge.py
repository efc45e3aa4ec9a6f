"""Runs that ended long ago, and what was noted in them, are forgotten."""

from core.retention import Purge, days, oldest, purge

_KEEP = days("RETENTION_IMPORT_DAYS")
NOTES = Purge(
    "notes of imports",
    _KEEP,
    "connectors_importnote",
    """
    SELECT note.ctid FROM connectors_importrun AS run
    CROSS JOIN LATERAL (
        SELECT ctid FROM connectors_importnote WHERE run_id = run.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) AS note
    WHERE run.finished_at < %(before)s ORDER BY run.finished_at LIMIT %(limit)s
    """,
)
RUNS = Purge(
    "imports",
    _KEEP,
    "connectors_importrun",
    oldest(
        "connectors_importrun",
        "finished_at",
        "NOT EXISTS (SELECT FROM connectors_importnote AS note WHERE note.run_id = connectors_importrun.id)",
    ),
)


def import_runs_purge() -> int:
    """Of all merchants; returns how many runs went. Notes go first, and a run only when it has none left."""
    purge(NOTES)
    return purge(RUNS)
