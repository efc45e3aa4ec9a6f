"""The merchant's Stripe account: connecting it, and the webhooks that come from it."""

from typing import Any

from django.conf import settings
from django.db import transaction

from core.tenancy import tenant_scope
from merchants.services.audit import audit_record
from payments.models import StripeAccount
from payments.rails.stripe import StripeRail, WebhookEndpoints


def stripe_account_setup(
    *,
    merchant_id: int,
    account_id: str = "",
    webhook_secret: str = "",
    actor_type: str = "system",
    actor_id: object = "",
) -> StripeAccount:
    """Connect the merchant's account, or change it. A new webhook secret is accepted beside the one before."""
    with tenant_scope(merchant_id), transaction.atomic():
        account, _ = StripeAccount.objects.select_for_update(of=("self",)).get_or_create(merchant_id=merchant_id)
        before = _facts(account)
        account.account_id = account_id
        _secret_replace(account, webhook_secret)
        account.save()
        audit_record(
            actor_type=actor_type,
            actor_id=actor_id,
            action="stripe_account.changed",
            object_type="stripe_account",
            object_id=account.pk,
            before=before,
            after=_facts(account),
        )
    return account


def webhook_endpoint_register(*, merchant_id: int, url: str) -> StripeAccount:
    """Have Stripe send this merchant's payment events to `url`; its secret is stored. The same url again does nothing.

    A new url takes effect before the old endpoint is removed, so no event falls between.
    """
    with tenant_scope(merchant_id):
        account, _ = StripeAccount.objects.get_or_create(merchant_id=merchant_id)
        endpoints = WebhookEndpoints(**_connection(account))
        if account.webhook_url == url and account.webhook_secret and endpoints.exists(account.webhook_endpoint_id):
            return account
        endpoint = endpoints.create(url, merchant_id=merchant_id)
        with transaction.atomic():
            account = StripeAccount.objects.select_for_update(of=("self",)).get(merchant_id=merchant_id)
            replaced = account.webhook_endpoint_id
            account.webhook_endpoint_id, account.webhook_url = endpoint.id, url
            _secret_replace(account, endpoint.secret)
            account.save()
        if replaced:
            endpoints.remove(replaced)
    return account


def stripe_rail(merchant_id: int) -> StripeRail:
    account = StripeAccount.objects.filter(merchant_id=merchant_id).first()
    return StripeRail(**_connection(account))


def _connection(account: StripeAccount | None) -> dict[str, str]:
    return {
        "api_key": settings.STRIPE_API_KEY,
        "api_base": settings.STRIPE_API_BASE,
        "account_id": account.account_id if account else "",
    }


def _secret_replace(account: StripeAccount, secret: str) -> None:
    if secret and secret != account.webhook_secret:
        account.previous_webhook_secret = account.webhook_secret
        account.webhook_secret = secret


def _facts(account: StripeAccount) -> dict[str, Any]:
    return {"account_id": account.account_id, "has_webhook_secret": bool(account.webhook_secret)}
