"""manage.py connect_stripe: what an operator runs once for a real merchant."""

import pytest
from django.core.management import CommandError, call_command

from merchants.models import AuditEntry
from payments.models import StripeAccount


def test_it_connects_once_and_may_be_repeated(shop, stripe_settings, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    call_command("connect_stripe", "harrow-pine")
    first = StripeAccount.objects.get()
    call_command("connect_stripe", "harrow-pine")
    again = StripeAccount.objects.get()
    assert first.webhook_url == "http://127.0.0.1:8000/m/harrow-pine/webhooks/stripe"
    assert (again.webhook_endpoint_id, again.webhook_secret) == (first.webhook_endpoint_id, first.webhook_secret)
    assert [endpoint.url for endpoint in shop.client.v1.webhook_endpoints.list().data] == [first.webhook_url]
    assert AuditEntry.objects.filter(action="stripe_account.changed").exists()


def test_an_unknown_shop_is_said_so(shop):
    with pytest.raises(CommandError, match="no merchant nobody"):
        call_command("connect_stripe", "nobody")


def test_a_key_that_stripe_refuses_is_said_so(shop, settings):
    settings.STRIPE_API_KEY = ""
    with pytest.raises(CommandError):
        call_command("connect_stripe", "harrow-pine")
