"""What the database itself refuses, whatever the code does."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from core.tenancy import tenant_scope
from merchants.services.merchants import merchant_create
from payments.models import PaymentEvent, PaymentIntentRecord, StripeAccount
from payments.services.charges import payment_capture
from tests.payments.conftest import EDIT


@pytest.fixture
def record(shop, order):
    return PaymentIntentRecord.objects.get(pk=shop.authorise(order).intent_id)


def refused(record, **changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentIntentRecord.objects.filter(pk=record.pk).update(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"captured_minor": 1226, "status": "succeeded"},
        {"captured_minor": 1},
        {"status": "succeeded"},
        {"status": "strange"},
        {"status": "pending"},
        {"status": "declined"},
        {"amount_minor": 1},
        {"currency": "EUR"},
        {"attempt": 2},
        {"edit_id": uuid.uuid4()},
        {"provider_intent_id": "pi_other"},
    ],
)
def test_changes_that_money_does_not_make(record, changes):
    refused(record, **changes)


def test_an_end_is_an_end(record):
    payment_capture(intent_id=record.pk)
    refused(record, status="cancelled", captured_minor=0)
    refused(record, status="requires_capture", captured_minor=0)
    refused(record, captured_minor=1000)


def test_one_record_per_key_attempt_and_provider_intent(record, shop):
    same = {"order_id": record.order_id, "amount_minor": 1, "currency": "USD", "status": "declined"}
    clashes = [
        {"edit_id": uuid.uuid4(), "attempt": 1, "idempotency_key": record.idempotency_key},
        {"edit_id": EDIT, "attempt": 1, "idempotency_key": "a"},
        {
            "edit_id": uuid.uuid4(),
            "attempt": 1,
            "idempotency_key": "b",
            "provider_intent_id": record.provider_intent_id,
        },
        {"edit_id": EDIT, "attempt": 2, "idempotency_key": "c", "status": "pending"},
        {"edit_id": uuid.uuid4(), "attempt": 0, "idempotency_key": "d"},
        {"edit_id": uuid.uuid4(), "attempt": 1, "idempotency_key": "e", "amount_minor": 0},
    ]
    for clash in clashes:
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentIntentRecord.objects.create(**{**same, **clash})


def test_history_is_append_only(record):
    for change in (
        lambda: PaymentEvent.objects.filter(intent=record).update(kind="other"),
        lambda: PaymentEvent.objects.filter(intent=record).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_another_merchants_order_cannot_be_referred_to(record, shop):
    stranger = merchant_create(slug="stranger", name="Stranger", currency="USD")

    @transaction.atomic
    def refer():
        PaymentIntentRecord.objects.create(
            order_id=record.order_id, edit_id=EDIT, attempt=1, amount_minor=1, currency="USD", idempotency_key="x"
        )
        connection.check_constraints()

    with tenant_scope(stranger.pk):
        with pytest.raises(IntegrityError):
            refer()
        assert not PaymentIntentRecord.objects.exists()


def test_secrets_stand_encrypted_and_do_not_show(shop):
    account = StripeAccount.objects.create(webhook_secret="whsec_visible")
    with connection.cursor() as cursor:
        cursor.execute("SELECT webhook_secret FROM payments_stripeaccount WHERE merchant_id = %s", [shop.merchant.pk])
        assert "visible" not in cursor.fetchone()[0]
    account.refresh_from_db()
    assert account.webhook_secret == "whsec_visible"
    assert "visible" not in repr(account.webhook_secret)
