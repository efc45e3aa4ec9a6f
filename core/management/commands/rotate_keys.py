from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.backup.progress import Progress
from core.rotation import Outcome, rotate


class Command(BaseCommand):
    help = (
        "Put all that is stored under the first of FIELD_ENCRYPTION_KEYS, HASH_PEPPERS and SECRET_KEY, and say whether "
        "older ones can be dropped. May be killed and run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with Progress(self.stdout.write) as progress:
            outcomes = list(self._told(rotate(progress)))
        bound = sorted({outcome.keys for outcome in outcomes if outcome.stuck})
        free = sorted({outcome.keys for outcome in outcomes} - set(bound))
        if free:
            self.stdout.write(f"No row stands under an older key of {', '.join(free)}: older ones can be dropped.")
        if "HASH_PEPPERS" in bound:  # not a fault: what is only known as a hash cannot be hashed again
            bound.remove("HASH_PEPPERS")
            self.stdout.write("Older HASH_PEPPERS are still in use: keep them listed.")
        if bound:
            raise CommandError(
                f"Older keys of {', '.join(bound)} are still in use: drop none of them. "
                "Restart every process with the new key first, then run this again."
            )

    def _told(self, outcomes: Any) -> Any:
        outcome: Outcome
        for outcome in outcomes:
            stuck = f" {outcome.stuck} stand {outcome.why}." if outcome.stuck else ""
            self.stdout.write(
                f"{outcome.model} ({outcome.keys}): {outcome.moved} of {outcome.rows} rows moved to the newest.{stuck}"
            )
            yield outcome
