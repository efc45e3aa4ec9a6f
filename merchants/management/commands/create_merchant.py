from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from core.tenancy import tenant_scope
from merchants.models.api_key import SCOPES
from merchants.services.api_keys import api_key_issue
from merchants.services.merchants import merchant_create


class Command(BaseCommand):
    help = "Create a merchant with its owner and a first API key (its secret is printed once)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="Address of the shop: /m/<slug>/")
        parser.add_argument("name")
        parser.add_argument("--currency", required=True, help="Three-letter code, like EUR")
        parser.add_argument("--time-zone", default="UTC", help="IANA name, like Europe/Lisbon")
        parser.add_argument("--locale", default="en-US")
        parser.add_argument("--owner", required=True, help="E-mail of the owner")
        parser.add_argument("--password", default=None, help="Without one, the owner sets it by 'Forgot password'")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            merchant = merchant_create(
                slug=options["slug"],
                name=options["name"],
                currency=options["currency"],
                time_zone=options["time_zone"],
                locale=options["locale"],
                owner_email=options["owner"],
                owner_password=options["password"],
            )
            with tenant_scope(merchant.pk):
                _, secret = api_key_issue(merchant_id=merchant.pk, name="First key", scopes=SCOPES)
        except DomainError as error:
            raise CommandError(str(error)) from error
        admin = f"{settings.PUBLIC_URL}/m/{merchant.slug}/admin/"
        self.stdout.write(f"Admin:   {admin}\nAPI key: {secret} (shown only now)")
