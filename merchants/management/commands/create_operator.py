from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from merchants.models import User
from merchants.services.invitations import operator_link


class Command(BaseCommand):
    help = "Let somebody in at the platform site, or back in. Prints a link to set a password where there is none yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--password", default=None, help="Without one, a link to set it is printed")
        parser.add_argument("--remove", action="store_true", help="Take the right away; the account stays")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address.") from error
        if options["remove"]:
            if not User.objects.filter(email=email).update(is_operator=False):
                raise CommandError(f"There is no account {email}.")
            self.stdout.write(f"{email} is no operator any more.")
            return
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=options["name"])
        user.is_operator = user.is_active = True
        if options["password"]:
            user.set_password(options["password"])
        user.save()
        self.stdout.write(f"Platform site: {settings.PUBLIC_URL}/platform/")
        if not user.has_usable_password():
            self.stdout.write(f"Set a password: {operator_link(user)}")
