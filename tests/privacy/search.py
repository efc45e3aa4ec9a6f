"""Looking for words in everything that the platform writes down: tables, encrypted fields, stored files, Valkey."""

from collections.abc import Iterable, Iterator
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.db import connection

from core.crypto import EncryptedTextField
from core.files import file_open
from core.models import StoredFile
from core.tenancy import platform_scope


def found(words: Iterable[str], *, merchant_id: int) -> set[tuple[str, str]]:
    """(word, where) of each word that stands in something of this merchant, or in something of nobody's."""
    wanted = {word: word.casefold() for word in words}
    places = [*_rows(merchant_id), *_secrets(merchant_id), *_files(merchant_id), *_cache()]
    return {(word, place) for place, text in places for word, folded in wanted.items() if folded in text.casefold()}


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall()]


def rows_of(table: str, merchant_id: int, columns: str = "") -> list[str]:
    """Each row as text. Tables without a merchant are nobody's: all of their rows."""
    with platform_scope("test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.columns WHERE table_name = %s AND column_name = 'merchant_id'",
            [table],
        )
        [(has_merchant,)] = cursor.fetchall()
        where = f"WHERE merchant_id = {int(merchant_id)}" if has_merchant else ""
        what = f"ROW({columns})::text" if columns else f'"{table}"::text'
        cursor.execute(f'SELECT {what} FROM "{table}" {where} ORDER BY 1')  # noqa: S608 - names from the catalogue
        return [text for (text,) in cursor.fetchall()]


def _rows(merchant_id: int) -> Iterator[tuple[str, str]]:
    for table in tables():
        for text in rows_of(table, merchant_id):
            yield table, text


def _secrets(merchant_id: int) -> Iterator[tuple[str, str]]:
    with platform_scope("test"):
        for model in apps.get_models():
            names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
            for values in model._base_manager.filter(merchant_id=merchant_id).values_list(*names) if names else ():
                yield model._meta.label, "\n".join(map(str, values))


def _files(merchant_id: int) -> Iterator[tuple[str, str]]:
    with platform_scope("test"):
        for file in StoredFile.objects.filter(merchant_id=merchant_id):
            yield f"file {file.name}", file_open(file).read().decode()


def _cache() -> Iterator[tuple[str, str]]:
    # Django's cache pickles what it keeps: not all of it is text.
    client: Any = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, encoding_errors="replace")
    for key in client.scan_iter():
        kind = client.type(key)
        read = {
            "string": client.get,
            "list": lambda name: client.lrange(name, 0, -1),
            "hash": client.hgetall,
            "set": client.smembers,
            "zset": lambda name: client.zrange(name, 0, -1),
        }[kind]
        yield "valkey", f"{key} {read(key)}"
