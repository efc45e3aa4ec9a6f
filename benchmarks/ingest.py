"""The import of a file against COPY of the rows that it leaves, on the same server.

    python -m benchmarks.ingest FILE [--profile online_retail] [--times 10]

The import is the whole command, from start to exit. COPY fills tables with the same columns, indexes and checks, in one
transaction; a second figure is with the foreign keys too. Goal: at most eight times COPY; moonshot: four.
With --times, a file so many times as long (each copy with orders of its own) is imported as well, for its memory.
"""

import argparse
import csv
import gzip
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from benchmarks.ground import Ground, ground
from devtools.launcher.places import ROOT

GOAL, MOONSHOT = 8.0, 4.0
TRIES = 3
CHUNK = 1_048_576


@dataclass(frozen=True)
class Imported:
    seconds: float
    cpu_seconds: float
    peak_mb: float
    rows: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def make_merchant(slug: str, currency: str, zone: str) -> int:
    from core.tenancy import platform_scope  # noqa: PLC0415
    from merchants.models import Merchant  # noqa: PLC0415

    with platform_scope("benchmark"):
        made = Merchant.objects.create(slug=slug, name=slug.title(), currency=currency, time_zone=zone, locale="en-GB")
    return made.pk


def run_import(site: Ground, file: Path, slug: str, merchant_id: int, profile: str) -> Imported:
    """The command in a process of its own, as an operator starts it."""
    before = row_counts(merchant_id)
    command = [sys.executable, str(ROOT / "manage.py"), "import_orders", str(file), "--merchant", slug]
    environment = {**os.environ, "DATABASE_URL": site.database_url, "REDIS_URL": site.redis_url}
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--profile", profile], env=environment, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status):
        raise SystemExit("the import failed")
    after = row_counts(merchant_id)
    filled = {table: after[table] - before[table] for table in after if after[table] > before[table]}
    return Imported(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, filled)


def row_counts(merchant_id: int) -> dict[str, int]:
    from django.apps import apps  # noqa: PLC0415

    from core.models import TenantModel  # noqa: PLC0415
    from core.tenancy import tenant_scope  # noqa: PLC0415

    with tenant_scope(merchant_id):
        models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
        return {model._meta.db_table: model._default_manager.count() for model in models}


class Copies:
    """Tables like those that were filled, and the rows in files."""

    def __init__(self, folder: Path, merchant_id: int, tables: dict[str, int]) -> None:
        self.folder, self.merchant_id, self.tables = folder, merchant_id, list(tables)

    def make(self) -> None:
        from core.tenancy import tenant_scope  # noqa: PLC0415

        with tenant_scope(self.merchant_id), connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(f"CREATE TABLE copy_{table} (LIKE {table} INCLUDING ALL)")
                query = f"COPY (SELECT {self._columns(table)} FROM {table}) TO STDOUT"  # noqa: S608
                with cursor.copy(query) as source, self._file(table).open("wb") as out:
                    for chunk in source:
                        out.write(chunk)

    def add_foreign_keys(self) -> int:
        """As the real tables have them; to a copy where there is one."""
        count = 0
        with connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(
                    "SELECT confrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
                    "WHERE contype = 'f' AND conrelid = %s::regclass",
                    [table],
                )
                for target, definition in cursor.fetchall():
                    if target in self.tables:
                        definition = definition.replace(f"REFERENCES {target}(", f"REFERENCES copy_{target}(")
                    cursor.execute(f"ALTER TABLE copy_{table} ADD {definition}")
                    count += 1
        return count

    def fill(self) -> float:
        """Seconds of one transaction that copies everything in."""
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE " + ", ".join(f"copy_{table}" for table in self.tables))
            started = time.perf_counter()
            cursor.execute("BEGIN")
            for table in self.tables:
                with (
                    cursor.copy(f"COPY copy_{table} ({self._columns(table)}) FROM STDIN") as target,
                    self._file(table).open("rb") as rows,
                ):
                    while chunk := rows.read(CHUNK):
                        target.write(chunk)
            cursor.execute("COMMIT")
            return time.perf_counter() - started

    def _columns(self, table: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
                "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                [table],
            )
            return str(cursor.fetchone()[0])

    def _file(self, table: str) -> Path:
        return self.folder / f"{table}.copy"


def plain(file: Path, folder: Path) -> Path:
    """Unpacked, if it is packed."""
    if file.suffix != ".gz":
        return file
    unpacked = folder / file.stem
    with gzip.open(file, "rb") as source, unpacked.open("wb") as target:
        shutil.copyfileobj(source, target)
    return unpacked


def multiplied(file: Path, times: int, columns: tuple[str, ...], folder: Path) -> Path:
    """The same rows so many times, the orders of each copy with another number."""
    made = folder / f"times-{times}.csv"
    with made.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        for copy in range(times):
            for number, row in enumerate(_rows(file)):
                if number == 0:
                    place = next(row.index(name) for name in columns if name in row)
                    if copy == 0:
                        writer.writerow(row)
                    continue
                row[place] += f"-{copy}" if copy else ""
                writer.writerow(row)
    return made


def _rows(file: Path) -> Iterator[list[str]]:
    with file.open(newline="", encoding="utf-8-sig", errors="replace") as source:
        yield from csv.reader(source)


def order_columns(profile: str) -> tuple[str, ...]:
    """What the orders' own column may be called."""
    from connectors.imports.builtins import BUILTINS  # noqa: PLC0415

    return BUILTINS[profile].profile.columns["external_id"]


def run(site: Ground, arguments: argparse.Namespace) -> None:
    file = plain(arguments.file, site.folder)
    merchant_id = make_merchant("ingest", arguments.currency, arguments.zone)
    result = run_import(site, file, "ingest", merchant_id, arguments.profile)
    for table, count in sorted(result.rows.items()):
        print(f"{count:>10,} {table}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"import: {told(result)}")
    copies = Copies(site.folder, merchant_id, result.rows)
    copies.make()
    report("COPY", result, min(copies.fill() for _ in range(TRIES)))
    keys = copies.add_foreign_keys()
    report(f"COPY with {keys} foreign keys", result, min(copies.fill() for _ in range(TRIES)))
    if arguments.times > 1:
        long = multiplied(file, arguments.times, order_columns(arguments.profile), site.folder)
        other = make_merchant("long", arguments.currency, arguments.zone)
        again = run_import(site, long, "long", other, arguments.profile)
        print(f"{arguments.times} times the file: {told(again)}")


def told(result: Imported) -> str:
    return (
        f"{result.seconds:.1f} s ({result.cpu_seconds:.1f} s of them the command's own work), {result.total:,} rows, "
        f"{result.total / result.seconds:,.0f} rows/s, peak memory {result.peak_mb:.0f} MB"
    )


def report(name: str, result: Imported, seconds: float) -> None:
    ratio = result.seconds / seconds
    word = "moonshot met" if ratio <= MOONSHOT else "met" if ratio <= GOAL else "missed"
    print(
        f"{name}: {seconds:.1f} s (best of {TRIES}), ratio {ratio:.1f} (goal {GOAL:g}, moonshot {MOONSHOT:g}: {word})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="A CSV file of orders, or one packed with gzip.")
    parser.add_argument("--profile", default="online_retail")
    parser.add_argument("--currency", default="GBP", help="The merchant's.")
    parser.add_argument("--zone", default="Europe/London", help="The merchant's.")
    parser.add_argument("--times", type=int, default=1, help="Import a file so many times as long, too.")
    arguments = parser.parse_args()
    with ground("ingest") as site:
        run(site, arguments)


if __name__ == "__main__":
    main()
