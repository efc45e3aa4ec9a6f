"""Mails that were given up are sent again by a person; sign-in mails without a mail server land in the outbox."""

import pytest
from django.core import mail

from messaging.models import Message
from tests.tenancy.rows import one_of_everything

INDEX = "/m/harrow/admin/"


@pytest.fixture
def failed(scope):
    message = one_of_everything()["messaging.Message"]
    Message.objects.filter(pk=message.pk).update(state="failed", attempts=9, error="550 no such user")
    return message


def test_a_failed_mail_is_sent_again(staff, failed):
    client = staff("support")
    assert "1 mail could not be sent" in client.get(INDEX).content.decode()
    page = f"{INDEX}messaging/message/{failed.pk}/"
    assert "550 no such user" in client.get(f"{page}change/").content.decode()
    client.post(f"{page}do/retry/")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("queued", 0)
    again = client.post(f"{page}do/retry/", follow=True).content.decode()
    assert "cannot be done any more" in again


def test_mails_are_found_by_address(staff, failed):
    client = staff("owner")
    found = f"/{failed.pk}/change/"
    address = f"{INDEX}messaging/message/"
    assert found in client.get(address, {"q": failed.to_email[:6]}).content.decode()
    assert found not in client.get(address, {"q": "somebody-else"}).content.decode()
    assert found in client.get(address, {"state": "failed"}).content.decode()
    Message.objects.filter(pk=failed.pk).update(to_email="Mara@Shop.example")
    for term in ("mara@shop", "Mara@", "MARA"):
        assert found in client.get(address, {"q": term}).content.decode(), term


def test_sign_in_mails_land_in_the_outbox_without_a_mail_server(settings, scope):
    settings.EMAIL_BACKEND = "messaging.mail_backend.OutboxBackend"
    mail.send_mail("Reset your password", "Follow this link", None, ["ines@harrow.example"])
    message = Message.objects.get()
    assert (message.to_email, message.subject, message.state) == ("ines@harrow.example", "Reset your password", "sent")
