import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from core import clock
from core.tenancy import tenant_scope
from merchants.services.merchants import merchant_create
from messaging.models import Message
from messaging.rules import MAX_ATTEMPTS
from messaging.services.send import LEASE, _claim, message_retry, messages_send_due
from messaging.tasks import send_due


def later(**delta):
    return clock.frozen(clock.now() + timedelta(**delta))


def test_without_a_mail_server_it_is_kept_as_sent(enqueue, settings):
    settings.EMAIL_URL = ""
    message = enqueue()
    assert messages_send_due() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.provider_id) == ("sent", 1, "")
    assert message.sent_at is not None
    assert messages_send_due() == 0


def test_it_goes_out_as_text_and_html_in_the_shops_name(enqueue, mailbox):
    message = enqueue()
    assert send_due() == 1
    [mail] = mailbox.mails
    assert mail["Subject"] == "Your order now has a tray"
    assert mail["From"] == "Harrow & Pine <mail@pro.example>"
    assert mail["To"] == "ada@shopper.example"
    assert mail["Reply-To"] == "help@harrow.example"
    assert mail["Message-ID"] == f"<{message.pk}@pro.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert "We charged $24.00" in text.get_content()
    assert html.get_content_type() == "text/html"
    assert "Kiln tray" in html.get_content()


def test_messages_of_all_merchants_go_out_longest_waiting_first(enqueue, mailbox):
    stranger = merchant_create(slug="stranger", name="Stranger", currency="USD")
    with clock.frozen(clock.now() - timedelta(minutes=1)):
        enqueue(merchant_id=stranger.pk, to_email="first@shopper.example")
    enqueue()
    assert messages_send_due() == 2
    assert [mail["To"] for mail in mailbox.mails] == ["first@shopper.example", "ada@shopper.example"]
    assert mailbox.mails[0]["From"] == "Stranger <mail@pro.example>"


def test_a_refusal_for_now_is_tried_again(enqueue, mailbox):
    message = enqueue()
    mailbox.to_recipient = "451 later"
    messages_send_due()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 1)
    assert "451" in message.error
    assert messages_send_due() == 0
    mailbox.to_recipient = "250 OK"
    with later(seconds=31):
        assert messages_send_due() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == ("sent", 2, "")


@pytest.mark.parametrize(("recipient", "text"), [("550 no such person", "250 OK"), ("250 OK", "554 spam")])
def test_a_refusal_for_good_is_the_end(enqueue, mailbox, recipient, text):
    message = enqueue()
    mailbox.to_recipient, mailbox.to_text = recipient, text
    messages_send_due()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.sent_at) == ("failed", 1, None)


def test_nobody_listens_until_it_is_given_up(enqueue, mailbox, settings):
    message = enqueue()
    settings.EMAIL_PORT = 9
    at = clock.now()
    for _ in range(MAX_ATTEMPTS):
        at += timedelta(hours=5)
        with clock.frozen(at):
            assert messages_send_due() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", MAX_ATTEMPTS)
    settings.EMAIL_PORT = mailbox.port
    assert message_retry(message=message)
    assert not message_retry(message=message)
    assert messages_send_due() == 1
    message.refresh_from_db()
    assert (message.state, len(mailbox.mails)) == ("sent", 1)


def test_an_answer_that_is_lost_sends_the_same_mail_again(enqueue, mailbox):
    enqueue()
    mailbox.to_text = ""
    messages_send_due()
    mailbox.to_text = "250 OK"
    with later(minutes=1):
        messages_send_due()
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_sender_that_died_is_relieved_when_its_lease_ends(enqueue, mailbox):
    message = enqueue()
    assert _claim() == message  # and then the worker is killed
    assert messages_send_due() == 0
    with later(seconds=LEASE.total_seconds() + 1):
        assert messages_send_due() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, len(mailbox.mails)) == ("sent", 2, 1)


def test_one_bad_message_does_not_stop_the_others(enqueue, mailbox):
    bad = enqueue(to_email="ada@shopper.example\nBcc: all@shopper.example")
    enqueue(dedupe_key="edit:2")
    assert messages_send_due() == 2
    bad.refresh_from_db()
    assert bad.state == "failed"
    assert len(mailbox.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_several_senders_send_each_message_once(enqueue, mailbox, merchant):
    for number in range(20):
        enqueue(dedupe_key=f"edit:{number}", to_email=f"shopper{number}@shopper.example")
    gate = threading.Barrier(4)

    def work(_):
        try:
            gate.wait(timeout=10)
            return messages_send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        tried = list(pool.map(work, range(4)))
    assert sum(tried) == 20
    assert len({mail["To"] for mail in mailbox.mails}) == len(mailbox.mails) == 20
    with tenant_scope(merchant.pk):
        assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}
