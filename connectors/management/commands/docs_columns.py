from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.columns import COLUMNS
from connectors.imports.own import OWN_PROFILES
from connectors.imports.profile import Profile

TARGET = Path("docs") / "importing.md"
_BEGIN, _END = "<!-- columns: written by manage.py docs_columns -->", "<!-- end of columns -->"


def tables() -> str:
    return "\n".join(_table(name, title, Profile.parse(values)) for name, (title, values) in OWN_PROFILES.items())


def _table(name: str, title: str, profile: Profile) -> str:
    rows = []
    for column in COLUMNS[profile.kind]:
        needed = "needed" if column.name in profile.columns and column.name not in profile.optional else ""
        rows.append(f"| `{column.name}` | {column.kind} | {needed} | {column.meaning} |")
    head = f"### {title}: `{name}`\n\n| Column | Kind | | Meaning |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


class Command(BaseCommand):
    help = "Write the columns of our own files into docs/importing.md. With --check, only say whether they are current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / TARGET
        text = path.read_text(encoding="utf-8")
        before, _, rest = text.partition(_BEGIN)
        after = rest.partition(_END)[2]
        current = f"{before}{_BEGIN}\n\n{tables()}\n{_END}{after}"
        if not options["check"]:
            path.write_text(current, encoding="utf-8")
        elif text != current:
            raise CommandError(f"{TARGET} is not current. Run manage.py docs_columns.")
