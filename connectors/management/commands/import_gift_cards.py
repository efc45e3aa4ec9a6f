"""manage.py import_gift_cards FILE --merchant SLUG --profile NAME [--dry-run] [--zone] [--currency] [--report FILE]"""

from connectors.management.importing import ImportCommand


class Command(ImportCommand):
    kind = "gift_cards"
    help = (
        "Brings in balances of gift cards that were issued elsewhere. "
        "Safe to run twice; started again after a kill, it goes on."
    )
