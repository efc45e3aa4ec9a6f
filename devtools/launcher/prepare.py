"""Brings the database up to date and fills the demo shop. Run by bin/run.

One process for both, because starting Django takes longer than either when there is nothing to do.
"""

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    call_command("migrate", interactive=False)
    call_command("seed_demo")


if __name__ == "__main__":
    main()
