from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from core.tenancy import tenant_scope
from merchants.errors import InvalidMerchant, SlugTaken
from merchants.models import Membership, Merchant, User
from merchants.services.audit import audit_record


def merchant_create(
    *,
    slug: str,
    name: str,
    currency: str,
    owner_email: str = "",
    owner_password: str | None = None,
    created_by: User | None = None,
    **settings: Any,
) -> Merchant:
    """A merchant and, when an e-mail is given, its owner. `settings` are fields of Merchant.

    Raises SlugTaken, InvalidMerchant.
    """
    merchant = Merchant(slug=slug, name=name, currency=currency.upper(), **settings)
    if Merchant.objects.filter(slug=slug).exists():
        raise SlugTaken(slug=slug)
    try:
        merchant.full_clean(validate_unique=False)  # the database is the judge of that
        _check_email(owner_email)
    except ValidationError as error:
        reason = " ".join(f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
        raise InvalidMerchant(reason=reason) from error
    with transaction.atomic():
        try:
            with transaction.atomic():
                merchant.save()
        except IntegrityError as error:  # somebody took it in this moment
            raise SlugTaken(slug=slug) from error
        with tenant_scope(merchant.pk):
            if owner_email:
                member_add(merchant=merchant, email=owner_email, role=Membership.Role.OWNER, password=owner_password)
            audit_record(
                actor_type="user" if created_by else "system",
                actor_id=created_by.pk if created_by else "",
                action="merchant.created",
                object_type="merchant",
                object_id=merchant.pk,
                after={"slug": slug, "currency": merchant.currency},
            )
    return merchant


def _check_email(owner_email: str) -> None:
    if not owner_email:
        return
    try:
        validate_email(owner_email)
    except ValidationError as error:
        raise ValidationError({"owner_email": error.messages}) from error


def member_add(*, merchant: Merchant, email: str, role: str, name: str = "", password: str | None = None) -> Membership:
    """Let the person with this e-mail sign in at the merchant; makes the user when there is none."""
    email = User.objects.normalize_email(email).lower()
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, password, name=name)
    membership, _ = Membership.objects.update_or_create(merchant=merchant, user=user, defaults={"role": role})
    return membership
