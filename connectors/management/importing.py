"""What the four import commands share: `manage.py import_orders FILE --merchant SLUG --profile NAME`."""

import hashlib
import json
import time
from argparse import ArgumentParser
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from connectors.imports.plan import FileRefused
from connectors.imports.profile import Profile
from connectors.imports.survey import survey
from connectors.models import ImportKind, ImportProfile, ImportRun
from connectors.rules import Tally, balances
from connectors.services.drive import run_drive
from connectors.services.lease import lease_held_until
from connectors.services.preview import preview_make
from connectors.services.profiles import profile_named
from connectors.services.report import balance_row, report_chunks
from connectors.services.runs import run_create_from_path
from core.errors import DomainError
from core.tenancy import tenant_scope
from merchants.models import Merchant

# Seconds: on a terminal, and in a log.
REDRAWN_AFTER, TOLD_AFTER = 0.5, 10.0
ASKED_AFTER = 0.5


class ImportCommand(BaseCommand):
    kind: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="A CSV file.")
        parser.add_argument("--merchant", required=True, metavar="SLUG", help="The shop.")
        parser.add_argument("--profile", required=True, metavar="NAME", help="How the file is read.")
        parser.add_argument("--dry-run", action="store_true", help="Store nothing, show what would be stored.")
        parser.add_argument("--zone", default="", help="Time zone of times without one, like Europe/London.")
        parser.add_argument("--currency", default="", help="Where the file names none.")
        parser.add_argument("--report", type=Path, metavar="FILE", help="Write every reported line here, as CSV.")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no shop named {options['merchant']}.")
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        self._drawn = 0.0
        with tenant_scope(merchant.pk):
            try:
                profile = profile_named(kind=self.kind, name=options["profile"])
                settings = _settings(profile, zone=options["zone"], currency=options["currency"])
            except DomainError as error:
                texts = [f"{name}: {' '.join(told)}" for name, told in error.field_errors.items()]
                raise CommandError(" ".join([str(error), *texts])) from error
            if options["dry_run"]:
                self._preview(path, settings, merchant)
            else:
                self._import(path, profile, settings, report=options["report"])

    def _preview(self, path: Path, settings: Profile, merchant: Merchant) -> None:
        tally = Tally({}, {})
        try:
            with (
                path.open("rb") as stream,
                survey(stream, settings, zone_default=merchant.time_zone, on_progress=lambda read: None) as found,
            ):
                tally.expect(found.lines_in, found.sum_in)
                made = json.loads(preview_make(found, tally, profile=settings, on_batch=lambda: None))
        except FileRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        for row in [made["columns"], *made["rows"]]:
            self.stdout.write(" | ".join(row))
        for fault in made["faults"]:
            place = f"line {fault['line']}" + (f", column {fault['column']}" if fault["column"] else "")
            self.stdout.write(f"{place}: {fault['message']}")
        self._sums(tally.counts, tally.sums)
        self.stdout.write("Nothing was stored.")

    def _import(self, path: Path, profile: ImportProfile, settings: Profile, *, report: Path | None) -> None:
        run = run_create_from_path(
            profile=profile, settings=settings, name=path.name, sha256=_sha256(path), size=path.stat().st_size
        )
        if run.checkpoint:
            self.stdout.write(f"Goes on where it stopped: {run.items_done:,} of {run.items_total:,} are done.")
        self._wait_for(run)
        run = run_drive(run, open_file=lambda: path.open("rb"), watch=self._progress)
        if self.stderr.isatty():
            self.stderr.write("")
        if report is not None:
            with report.open("w", newline="", encoding="utf-8") as out:
                out.writelines(report_chunks(run))
        if run.state == ImportRun.State.FAILED:
            place = FileRefused(run.error_code, run.error, run.error_line, run.error_column or None)
            raise CommandError(str(place))
        if not run.has_ended:
            raise CommandError("The import was interrupted. Start it again to go on.")
        self._sums(run.counts, run.sums)
        self.stdout.write("Stopped. What is done stays." if run.state == ImportRun.State.CANCELLED else "Done.")

    def _wait_for(self, run: ImportRun) -> None:
        """Until the lease of whoever drove it last has run out; whoever prolongs it is alive."""
        until = lease_held_until(run)
        if until is None:
            return
        self.stdout.write(f"Another process had this import in hand. Waiting until {until:%H:%M:%S} UTC for its sign.")
        self.stdout.flush()
        while (held := lease_held_until(run)) is not None:
            if held > until:
                raise CommandError("Another process is importing this file now.")
            Event().wait(ASKED_AFTER)

    def _sums(self, counts: dict[str, Any], sums: dict[str, Any]) -> None:
        for kind, words in counts.items():
            if kind != "lines":
                self.stdout.write(f"{kind}: " + ", ".join(f"{number:,} {word}" for word, number in words.items()))
        for name, came_in, imported, reported, difference in map(balance_row, balances(counts, sums)):
            self.stdout.write(
                f"{name}: {came_in} in = {imported} imported + {reported} reported, difference {difference}"
            )

    def _progress(self, run: ImportRun) -> None:
        is_terminal = self.stderr.isatty()
        if time.monotonic() - self._drawn < (REDRAWN_AFTER if is_terminal else TOLD_AFTER):
            return
        self._drawn = time.monotonic()
        is_reading = run.state in (ImportRun.State.QUEUED, ImportRun.State.CHECKING)
        done, total, what = (run.bytes_read, run.size, "bytes read") if is_reading else _items_done(run)
        text = f"{run.file_name}: {done:,} of {total:,} {what}"
        self.stderr.write(f"\r{text}   " if is_terminal else text, ending="" if is_terminal else "\n")
        self.stderr.flush()


def _items_done(run: ImportRun) -> tuple[int, int, str]:
    return run.items_done, run.items_total, f"{ImportKind(run.kind).label.lower()} done"


def _settings(profile: ImportProfile, *, zone: str, currency: str) -> Profile:
    """The profile's, with what the command line says instead."""
    settings = dict(profile.settings)
    if zone:
        settings["time_zone"] = zone
    if currency:
        settings["currency"] = currency
    return Profile.parse(settings)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
