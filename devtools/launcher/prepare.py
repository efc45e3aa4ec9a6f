"""Brings the database up to date and fills the demo shop. Run by bin/run.

One process for both, because starting Django takes longer than either when there is nothing to do. A migrate that was
interrupted is finished here; what no migrate can put right ends the start with one sentence.
"""

import sys

import django
from django.core.management import CommandError, call_command

from core.db.direct import Database
from core.db.guard import newer_trouble, start_trouble
from devtools.launcher.task import REFUSED


def main() -> None:
    django.setup()
    database = Database.of_settings()
    with database.connect() as connection:
        # Stricter than in production: on a developer's machine, the newer migrations may be of any unfinished branch.
        refuse(newer_trouble(connection, is_strict=True))
    try:
        call_command("migrate", interactive=False)
    except CommandError as error:
        refuse(str(error))
    refuse(start_trouble(database))
    call_command("seed_demo")


def refuse(trouble: str) -> None:
    if trouble:
        print(f"\n{trouble}", flush=True)  # migrate leaves its last line open
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
