"""Names of databases that other programs would read as something else, or that leave no room for another one's."""

from urllib.parse import quote

import pytest
from psycopg import sql

from core.backup.errors import BackupError
from core.backup.restoring import name_beside, restore
from core.backup.taking import backup_take
from core.db.direct import Database, drop_database


@pytest.mark.parametrize(
    "name",
    ["x" + "é" * 31, "b" * 50 + "_restoring", "dbname=postgres", "postgresql://evil", "-rf 'qu\"ote\n$HOME"],
    ids=["as long as can be", "like the one beside it", "of a connection", "of another server", "of all kinds"],
)
def test_whatever_the_database_is_called_it_alone_is_replaced(transactional_db, tmp_path, name):
    source = Database.of_settings()
    database = source.named(name)
    place = f"{source.user}:{source.password}@{source.host}:{source.port}"
    assert Database.of_url(f"postgres://{place}/{quote(name, safe='')}") == database
    told = []
    with source.named("postgres").connect() as server:
        drop_database(server, name)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            with database.connect() as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            backup_take(database, tmp_path, told.append)
            with database.connect() as connection:
                connection.execute("UPDATE kept SET answer = 1")
            restore(database, tmp_path, told.append, replace=True)
            with database.connect() as connection:
                assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
            beside = [name_beside(name, what) for what in ("restoring", "replaced")]
            left = server.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [beside]).fetchall()
            assert (left, len({name, *beside})) == ([], 3)
        finally:
            drop_database(server, name)


def test_a_database_without_tables_is_not_the_one_that_was_meant(transactional_db, tmp_path):
    told = []
    with pytest.raises(BackupError, match="The database postgres holds no table"):
        backup_take(Database.of_settings().named("postgres"), tmp_path, told.append)
    assert list(tmp_path.iterdir()) == []
