"""One row of every tenant model, in the open scope. A new model must be added here: the isolation test asks for it."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Model

from connectors.models import ImportNote, ImportProfile, ImportRun
from core import clock, outbox
from core.ids import hash_token, new_token
from core.models import IdempotencyRecord, InboundWebhook, StoredFile, StoredFilePart
from core.tenancy import require_merchant_id
from editing.models import EditOperation, EditSession, EditTransition, Quote, SagaStep
from giftcards.models import OpeningBalance
from merchants.models import ApiKey, AuditEntry, Membership, MerchantDomain, MerchantExport
from messaging.models import Message, Suppression
from metrics.models import DirtyDay, MetricDay, OrderFact, PostPurchaseEntry
from orders.models import (
    Order,
    OrderRefund,
    OrderRevision,
    ProductComplement,
    StockReservation,
    Variant,
    WindowAdmission,
)
from payments.models import PaymentEvent, PaymentIntentRecord, StripeAccount
from portal.models import PortalLink
from tests.factories import ProductFactory, UserFactory, VariantFactory, paid_order


def one_of_everything(*, currency: str = "USD") -> dict[str, Model]:
    """Rows by model label."""
    order = paid_order(currency=currency)
    variant: Any = VariantFactory(currency=currency)
    rows: list[Any] = [
        order,
        order.customer,
        order.shipping_address,
        order.window,
        *order.lines.all()[:1],
        *order.tenders.all()[:1],
        *OrderRevision.objects.filter(order=order)[:1],
        OrderRefund.objects.create(order=order, external_id="r1", refunded_at=clock.now(), amount_minor=100),
        variant,
        variant.product,
        ProductComplement.objects.create(product=variant.product, complement=ProductFactory()),
        *_edit(order, variant),
        *_figures(order),
        *_shop(),
        *_plumbing(order),
        *_files(),
        Message.objects.create(
            template="notice",
            locale="en-GB",
            to_email="mara@mail.example",
            order=order,
            subject="Your order is changed",
            text="We added one tray.",
            html="<p>We added one tray.</p>",
            dedupe_key=str(uuid.uuid4()),
        ),
        OpeningBalance.objects.create(
            code="HP7KQ2M9XW41",
            code_hash=hash_token(new_token()),
            key_version="1",
            last4="XW41",
            currency=currency,
            balance_minor=2500,
            customer=order.customer,
        ),
        Suppression.objects.create(address_hash=hash_token(new_token()), key_version="1", reason="bounced"),
    ]
    return {row._meta.label: row for row in rows}


def _edit(order: Order, variant: Variant) -> list[Model]:
    session = EditSession.objects.create(
        order=order, currency=order.currency, due_minor=2400, state="manual_review", failure_code="apply_failed"
    )
    intent = PaymentIntentRecord.objects.create(
        order=order,
        edit_id=session.pk,
        attempt=1,
        amount_minor=2400,
        currency=order.currency,
        provider_customer="cus_1",
        provider_payment_method="pm_1",
        provider_intent_id=f"pi_{session.pk.hex}",
        idempotency_key=str(session.pk),
    )
    return [
        session,
        EditOperation.objects.create(session=session, variant=variant, quantity=1),
        SagaStep.objects.create(session=session, position=1, name="reserve", state="done"),
        EditTransition.objects.create(session=session, after="draft", actor_type="shopper"),
        Quote.objects.create(
            session=session,
            hash="h",
            order_version=1,
            currency=order.currency,
            lines=[],
            items_minor=2400,
            tax_minor=0,
            shipping_minor=0,
            due_minor=2400,
            new_total_minor=order.total_minor + 2400,
            expires_at=clock.now() + timedelta(minutes=10),
        ),
        StockReservation.objects.create(variant=variant, edit_id=session.pk, quantity=1),
        WindowAdmission.objects.create(window=order.window, edit_id=session.pk),
        intent,
        PaymentEvent.objects.create(
            intent=intent, kind="authorise.called", source="service", from_status="pending", to_status="pending"
        ),
        StripeAccount.objects.create(),
    ]


def _figures(order: Order) -> list[Model]:
    today = clock.now().date()
    amounts = {
        "original_minor": 5000,
        "pp_gross_minor": 2400,
        "pp_refunded_minor": 0,
        "home_original_minor": 5000,
        "home_pp_gross_minor": 2400,
        "home_pp_refunded_minor": 0,
    }
    return [
        OrderFact.objects.create(
            order=order,
            placed_at=order.placed_at,
            local_date=today,
            time_zone="UTC",
            currency=order.currency,
            channel="web",
            is_eligible=True,
            is_engaged=True,
            is_window_engaged=True,
            is_self_served=False,
            refreshed_at=clock.now(),
            **amounts,
        ),
        PostPurchaseEntry.objects.create(
            order=order, occurred_at=clock.now(), currency=order.currency, amount_minor=2400, home_amount_minor=2400
        ),
        MetricDay.objects.create(
            local_date=today,
            currency=order.currency,
            channel="web",
            orders=1,
            engaged_orders=1,
            window_engaged_orders=1,
            self_service_orders=0,
            engaged_original_minor=5000,
            home_engaged_original_minor=5000,
            computed_at=clock.now(),
            **amounts,
        ),
        DirtyDay.objects.create(local_date=today, marked_at=clock.now(), touched_at=clock.now()),
    ]


def _shop() -> list[Model]:
    secret = new_token()
    return [
        Membership.objects.create(user=UserFactory(), role="support"),
        MerchantDomain.objects.create(host=f"shop-{uuid.uuid4().hex[:8]}.example"),
        ApiKey.objects.create(
            name="Warehouse", prefix=secret[:10], secret_hash=hash_token(secret), scopes=["orders:read"]
        ),
        AuditEntry.objects.create(
            actor_type="system", action="merchant.changed", object_type="merchant", object_id=require_merchant_id()
        ),
        MerchantExport.objects.create(requested_by="op@pro.example", expires_at=clock.now() + timedelta(days=7)),
    ]


def _plumbing(order: Order) -> list[Model]:
    event = outbox.OutboxEvent.objects.create(
        name="order.paid",
        aggregate_type="order",
        aggregate_id=order.pk,
        state="dead",
        attempts=12,
        occurred_at=clock.now(),
        next_attempt_at=clock.now(),
        finished_at=clock.now(),
        last_error="metrics.refresh_fact: TimeoutError",
    )
    return [
        event,
        InboundWebhook.objects.create(
            source="stripe", external_id=str(uuid.uuid4()), topic="charge.refunded", body="{}"
        ),
        IdempotencyRecord.objects.create(
            key=str(uuid.uuid4()), fingerprint="f", lease_token=uuid.uuid4(), lease_until=clock.now()
        ),
        PortalLink.objects.create(
            order=order, token_hash=hash_token(new_token()), expires_at=clock.now() + timedelta(days=1)
        ),
    ]


def _files() -> list[Model]:
    file = StoredFile.objects.create(purpose="import", name="orders.csv", size=4, expires_at=clock.now())
    run = ImportRun.objects.create(
        kind="orders",
        profile_name="my_orders",
        profile_settings={},
        is_upload=True,
        file=file,
        file_name="orders.csv",
        sha256="0" * 64,
        size=4,
        state="done",
        counts={"lines": {"in": 3, "imported": 2, "reported": 1}, "orders": {"created": 2}},
        sums={"USD": {"in": "30.00", "imported": "25.00", "reported": "5.00"}},
        finished_at=clock.now(),
    )
    return [
        file,
        StoredFilePart.objects.create(file=file, position=0, data=b"data"),
        run,
        ImportNote.objects.create(
            run=run,
            line=3,
            column="Quantity",
            code="not_a_number",
            message="“two” is not a number.",
            amount="5.00",
            currency="USD",
            is_line=True,
            phase="orders",
        ),
        ImportProfile.objects.create(name="my_orders", title="My orders", kind="orders", settings={}),
    ]
