"""manage.py import_orders FILE --merchant SLUG --profile NAME [--dry-run] [--zone] [--currency] [--report FILE]"""

from connectors.management.importing import ImportCommand


class Command(ImportCommand):
    kind = "orders"
    help = "Brings orders in from a file, as history. Safe to run twice; started again after a kill, it goes on."
