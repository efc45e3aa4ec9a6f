"""Addresses that must not be written to: kept as hashes, checked when a mail is written and again when it is sent."""

from datetime import timedelta

import pytest

from core import clock
from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from merchants.services.merchants import merchant_create
from messaging.models import Channel, Message, Suppression
from messaging.selectors import is_suppressed, suppression_reasons
from messaging.services.send import message_retry, messages_send_due
from messaging.services.suppression import suppression_add, suppression_lift, suppressions_add
from orders.services.revisions import Actor

ADA = "ada@shopper.example"
STAFF = Actor("user", "7")


def add(reason, address=ADA):
    return suppression_add(channel=Channel.EMAIL, address=address, reason=reason)


def test_the_address_is_kept_as_a_hash_alone(merchant):
    add("bounced")
    row = Suppression.objects.values().get()
    assert ADA not in str(row)
    assert len(row["address_hash"]) == 64


@pytest.mark.parametrize("written", ["Ada@Shopper.example", " ada@shopper.example "])
def test_however_it_is_written_it_is_one_address(merchant, written):
    assert add("bounced", written)
    assert is_suppressed(Channel.EMAIL, ADA, "transactional") == "bounced"
    assert is_suppressed(Channel.EMAIL, written, "transactional") == "bounced"


@pytest.mark.parametrize(
    ("reason", "transactional"), [("unsubscribed", ""), ("bounced", "bounced"), ("complained", "complained")]
)
def test_who_unsubscribed_still_hears_about_orders(merchant, reason, transactional):
    add(reason)
    assert is_suppressed(Channel.EMAIL, ADA, "marketing") == reason
    assert is_suppressed(Channel.EMAIL, ADA, "transactional") == transactional


def test_the_strongest_reason_wins_and_twice_is_once(merchant):
    assert [add(reason) for reason in ("bounced", "bounced", "unsubscribed", "complained", "manual")] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert Suppression.objects.get().reason == "manual"


def test_many_at_once(merchant):
    add("manual")
    reasons = {ADA: "bounced", "ADA@shopper.example": "unsubscribed", "ben@shopper.example": "complained", "": "manual"}
    assert suppressions_add(channel=Channel.EMAIL, reasons=reasons) == 1
    assert suppression_reasons(Channel.EMAIL, [ADA, "ben@shopper.example", "cy@shopper.example", ""]) == {
        ADA: "manual",
        "ben@shopper.example": "complained",
    }


def test_another_shop_does_not_learn_of_it(merchant):
    add("manual")
    with tenant_scope(merchant_create(slug="other", name="Other", currency="USD").pk):
        assert is_suppressed(Channel.EMAIL, ADA, "marketing") == ""


def test_it_holds_through_a_rotation_of_peppers(merchant, settings):
    settings.HASH_PEPPERS = ["a" * 40]
    add("bounced")
    settings.HASH_PEPPERS = ["b" * 40, "a" * 40]
    assert is_suppressed(Channel.EMAIL, ADA, "transactional") == "bounced"
    assert add("manual")
    assert Suppression.objects.get().reason == "manual", "the known row, not a second one"
    assert suppression_lift(channel=Channel.EMAIL, address=ADA, actor=STAFF)
    assert is_suppressed(Channel.EMAIL, ADA, "marketing") == ""


def test_lifting_is_audited_without_the_address(merchant):
    add("complained")
    row = Suppression.objects.get()
    assert suppression_lift(channel=Channel.EMAIL, address=" Ada@shopper.example", actor=STAFF)
    assert not suppression_lift(channel=Channel.EMAIL, address=ADA, actor=STAFF)
    entry = AuditEntry.objects.get(action="suppression.lifted")
    assert (entry.actor_type, entry.actor_id, entry.object_id) == ("user", "7", str(row.pk))
    assert entry.before == {"channel": "email", "reason": "complained"}


def test_a_mail_to_it_is_written_and_never_sent(enqueue, mailbox):
    add("complained")
    message = enqueue()
    assert (message.state, message.withheld_because) == ("suppressed", "complained")
    assert messages_send_due() == 0
    assert not message_retry(message=message)
    assert mailbox.mails == []


def test_news_is_withheld_from_who_unsubscribed_and_the_rest_goes_out(enqueue, mailbox):
    add("unsubscribed")
    news = enqueue(dedupe_key="news", kind=Message.Kind.MARKETING)
    enqueue(dedupe_key="order")
    assert messages_send_due() == 1
    assert (news.state, news.withheld_because) == ("suppressed", "unsubscribed")
    assert len(mailbox.mails) == 1


def test_what_is_suppressed_after_it_was_written_is_not_sent_either(enqueue, mailbox):
    message = enqueue()
    add("manual")
    assert messages_send_due() == 1
    message.refresh_from_db()
    assert (message.state, message.withheld_because, message.lease_until) == ("suppressed", "manual", None)
    assert mailbox.mails == []
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert messages_send_due() == 0
