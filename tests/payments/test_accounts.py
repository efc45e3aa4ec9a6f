import pytest

from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from payments.errors import RailMisconfigured
from payments.models import StripeAccount
from payments.services.accounts import stripe_account_setup, webhook_endpoint_register

URL = "http://127.0.0.1:1/m/harrow-pine/webhooks/stripe"


@pytest.fixture
def merchant_id(shop):
    return shop.merchant.pk


def endpoints(shop, **options):
    return [endpoint.url for endpoint in shop.client.v1.webhook_endpoints.list(options=options).data]


def test_setup_twice_is_one_account_and_audited_without_the_secret(merchant_id):
    stripe_account_setup(merchant_id=merchant_id, account_id="acct_1", webhook_secret="whsec_1")
    stripe_account_setup(merchant_id=merchant_id, account_id="acct_2")
    account = StripeAccount.objects.get()
    assert (account.account_id, account.webhook_secrets) == ("acct_2", ["whsec_1"])
    entries = AuditEntry.objects.filter(action="stripe_account.changed").order_by("at")
    assert [entry.after["account_id"] for entry in entries] == ["acct_1", "acct_2"]
    assert "whsec" not in str([(entry.before, entry.after) for entry in entries])


def test_an_endpoint_is_registered_once(shop, merchant_id):
    first = webhook_endpoint_register(merchant_id=merchant_id, url=URL)
    again = webhook_endpoint_register(merchant_id=merchant_id, url=URL)
    assert first.webhook_endpoint_id == again.webhook_endpoint_id
    assert again.webhook_secret.startswith("whsec_")
    assert endpoints(shop) == [URL]


def test_another_url_replaces_it_and_both_secrets_hold(shop, merchant_id):
    first = webhook_endpoint_register(merchant_id=merchant_id, url=URL)
    second = webhook_endpoint_register(merchant_id=merchant_id, url=f"{URL}?v=2")
    assert second.webhook_secrets == [second.webhook_secret, first.webhook_secret]
    assert endpoints(shop) == [f"{URL}?v=2"]


def test_an_endpoint_that_was_deleted_at_stripe_is_made_anew(shop, merchant_id):
    first = webhook_endpoint_register(merchant_id=merchant_id, url=URL)
    shop.client.v1.webhook_endpoints.delete(first.webhook_endpoint_id)
    assert webhook_endpoint_register(merchant_id=merchant_id, url=URL).webhook_endpoint_id != first.webhook_endpoint_id
    assert endpoints(shop) == [URL]


def test_it_belongs_to_the_connected_account(shop, merchant_id):
    stripe_account_setup(merchant_id=merchant_id, account_id="acct_kiln")
    webhook_endpoint_register(merchant_id=merchant_id, url=URL)
    assert endpoints(shop) == []
    assert endpoints(shop, stripe_account="acct_kiln") == [URL]


def test_without_stripe_nothing_is_changed(shop, merchant_id, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(RailMisconfigured):
        webhook_endpoint_register(merchant_id=merchant_id, url=URL)
    with tenant_scope(merchant_id):
        assert StripeAccount.objects.get().webhook_url == ""
