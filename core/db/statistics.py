"""What the planner knows of tables that grow by the thousand."""

from django.db import connection, models

# Below so many new rows any plan will do.
FEW = 500


def keep_statistics(*grown: type[models.Model]) -> None:
    """Analyse those tables that have doubled since they were analysed last; call it after rows were added in bulk.

    Autovacuum comes by once a minute. Until then plans made for a handful of rows, which foreign keys keep for as long
    as a connection lives, read the whole of a table that has ten thousand.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT oid::regclass::text FROM pg_class
            WHERE oid = ANY (%s::regclass[]) AND greatest(reltuples, %s)
                < pg_stat_get_mod_since_analyze(oid) + pg_stat_get_xact_tuples_inserted(oid)
            """,
            [[model._meta.db_table for model in grown], FEW],
        )
        tables = [name for (name,) in cursor.fetchall()]
        if tables:
            # Another transaction that is at it already serves us too.
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(tables)}")
