from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from merchants.models import Merchant
from payments.services.accounts import stripe_account_setup, webhook_endpoint_register


class Command(BaseCommand):
    help = "Connect a merchant to Stripe: whose account is charged, and where Stripe sends its events. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="Address of the shop: /m/<slug>/")
        parser.add_argument("--account", default="", help="Connected account (acct_…); empty: the platform's own")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["slug"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['slug']}.")
        url = f"{settings.PUBLIC_URL}/m/{merchant.slug}/webhooks/stripe"
        try:
            stripe_account_setup(merchant_id=merchant.pk, account_id=options["account"])
            webhook_endpoint_register(merchant_id=merchant.pk, url=url)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Stripe charges for {merchant.name} and reports to {url}")
