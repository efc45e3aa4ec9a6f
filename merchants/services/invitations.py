"""How people come in first: the mail to an owner, the link of an operator."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from merchants.middleware import PREFIX
from merchants.models import Merchant, User

_NEW = """Hello,

{name} has a place on PRO Platform, and you are its owner. Choose a password:

{link}

The link works once and for {days} days. After that, “Forgot your password?” on the sign-in page sends a new one:
{admin}
"""
_KNOWN = """Hello,

{name} has a place on PRO Platform, and you are its owner. Sign in with the password that you have:

{admin}
"""


def owner_invite(*, merchant: Merchant, user: User) -> None:
    """Mail the owner; call it outside any transaction. Raises OSError where the mail server does not take it."""
    shop = f"{settings.PUBLIC_URL}{PREFIX}{merchant.slug}"
    text = (_KNOWN if user.has_usable_password() else _NEW).format(
        name=merchant.name,
        link=f"{shop}{_password_path(user)}",
        admin=f"{shop}{reverse('admin:index', urlconf=settings.MERCHANT_URLCONF)}",
        days=settings.PASSWORD_RESET_TIMEOUT // 86_400,
    )
    EmailMessage(f"{merchant.name} on PRO Platform", text, to=[user.email]).send()


def operator_link(user: User) -> str:
    """Where an operator sets a password; it works once and for a few days."""
    return f"{settings.PUBLIC_URL}{_password_path(user)}"


def _password_path(user: User) -> str:
    """The page on which a forgotten password is set anew; the same at a shop's address and at the platform's."""
    keys = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", urlconf=settings.ROOT_URLCONF, kwargs=keys)
