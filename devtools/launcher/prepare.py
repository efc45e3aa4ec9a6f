"""Brings the database up to date, fills the demo shop, and writes down the addresses to show. Run by bin/run.

One process for all three, because starting Django takes longer than any of them when there is nothing to do.
"""

import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(addresses: Path) -> None:
    django.setup()
    call_command("migrate", interactive=False)
    call_command("seed_demo")
    with addresses.open("w") as file:
        call_command("demo_addresses", stdout=file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
