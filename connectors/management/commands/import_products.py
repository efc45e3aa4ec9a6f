"""manage.py import_products FILE --merchant SLUG --profile NAME [--dry-run] [--zone] [--currency] [--report FILE]"""

from connectors.management.importing import ImportCommand


class Command(ImportCommand):
    kind = "products"
    help = "Brings products in from a file. Safe to run twice; started again after a kill, it goes on."
