import pytest

from core.tenancy import tenant_scope
from merchants.services.merchants import merchant_create
from messaging.services.enqueue import message_enqueue
from tests.messaging.smtp_server import smtp_server

NOTICE = {
    "subject": "Your order\nnow has a tray",
    "heading": "1 Kiln tray & more added",
    "paragraphs": ["We charged $24.00 to Visa ending 4242."],
    "lines": [{"title": "Kiln tray", "detail": "1 × $24.00", "amount": "$24.00"}],
    "totals": [{"label": "Total", "amount": "$36.25"}],
    "action_url": "https://shop.example/o/1/?a=1&b=2",
    "action_label": "See your order",
    "note": "Changes close at 3:42 pm.",
}


@pytest.fixture
def mailbox(settings):
    """Mails go out by SMTP, to a server that keeps them."""
    with smtp_server() as mailbox:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{mailbox.port}"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.DEFAULT_FROM_EMAIL = "PRO <mail@pro.example>"
        yield mailbox


@pytest.fixture
def merchant(db):
    merchant = merchant_create(
        slug="harrow-pine",
        name="Harrow & Pine",
        currency="USD",
        brand_colour="#f6c445",
        support_email="help@harrow.example",
        address_line="18 Kiln Lane, Portland, OR",
    )
    with tenant_scope(merchant.pk):
        yield merchant


@pytest.fixture
def enqueue(merchant):
    def add(**changes):
        values = {
            "merchant_id": merchant.pk,
            "template": "notice",
            "to_email": "ada@shopper.example",
            "context": NOTICE,
            "dedupe_key": "edit:1",
            **changes,
        }
        return message_enqueue(**values)

    return add
