"""manage.py import_customers FILE --merchant SLUG --profile NAME [--dry-run] [--zone] [--currency] [--report FILE]"""

from connectors.management.importing import ImportCommand


class Command(ImportCommand):
    kind = "customers"
    help = (
        "Brings customers in from a file, with consent and suppression. "
        "Safe to run twice; started again after a kill, it goes on."
    )
