"""Seeding small shops for real: services, Stripe server, outbox."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from core.models import OutboxEvent
from core.tenancy import platform_scope, tenant_scope
from devtools.demo.history import history
from devtools.demo.shops import HARROW_PINE, KETTLE_FERN, SEED
from devtools.saved_cards import SavedCards
from devtools.seed.past import is_past, share_of
from devtools.seed.seeding import share_write, shop_seed
from devtools.seed.shop import catalogue_seed, is_seeded, merchant_for
from editing.models import EditSession
from merchants.models import Membership, Merchant
from orders.models import Customer, EditWindow, Order, OrderLine, Product, Variant
from payments.models import PaymentIntentRecord

# Made at noon of a certain day, so that it is the same shop whenever the tests run.
SMALL = replace(KETTLE_FERN, customers=24, days=24, edited_days=24)


@pytest.fixture
def cards(stripe_server, settings):
    settings.STRIPE_API_BASE, settings.STRIPE_API_KEY = stripe_server.url, stripe_server.api_key
    return SavedCards(stripe_server.url, stripe_server.api_key)


def counts(merchant):
    with tenant_scope(merchant.pk):
        return {model.__name__: model.objects.count() for model in (Order, OrderLine, Customer, Product, EditSession)}


@pytest.fixture
def seeded(db, cards, at):
    shop_seed(SMALL, cards, io.StringIO())
    return Merchant.objects.get(slug=SMALL.slug)


def test_shop_is_there_with_staff_goods_and_orders(seeded):
    story = history(SMALL, SEED, seeded.created_at)
    with tenant_scope(seeded.pk):
        assert set(Membership.objects.values_list("role", flat=True)) == {"owner", "support"}
        assert Product.objects.count() == len(SMALL.products)
        assert Customer.objects.count() == 24
        assert Order.objects.count() == len(story.orders)
        assert not Product.objects.filter(complements=None).exists()
    assert seeded.currency == "GBP"
    assert is_seeded(SMALL)


def test_edits_went_the_true_path(seeded, stripe_server):
    story = history(SMALL, SEED, seeded.created_at)
    planned = [plan for plan in story.orders if plan.edit]
    assert {plan.edit.card for plan in planned} == {"ok", "declines"}
    with tenant_scope(seeded.pk):
        for plan in planned:
            order = Order.objects.get(external_id=plan.payload["external_id"])
            session = EditSession.objects.get(order=order)
            added = list(order.lines.filter(origin="edit"))
            record = PaymentIntentRecord.objects.filter(order=order).latest("created_at")
            if plan.edit.card == "ok":
                assert (session.state, len(added)) == ("applied", 1)
                assert order.total_minor - order.checkout_total_minor == record.captured_minor == added[0].total_minor
            else:
                assert (session.state, added, record.captured_minor) == ("declined", [], 0)
            assert plan.placed_at < session.admitted_at < order.window.closes_at
            assert order.window.state == EditWindow.State.RELEASED
        captured = PaymentIntentRecord.objects.aggregate(total=Sum("captured_minor"))["total"]
    assert captured == sum(p.variant.price for plan in planned if plan.edit.card == "ok" for p in plan.edit.additions)


def test_past_opens_no_window_and_the_stock_is_what_the_story_says(seeded):
    story = history(SMALL, SEED, seeded.created_at)
    with tenant_scope(seeded.pk):
        assert not EditWindow.objects.filter(order__is_backfill=True).exists()
        stock = dict(Variant.objects.values_list("external_id", "stock_quantity"))
    assert stock == story.stock
    with platform_scope("test"):
        assert not OutboxEvent.objects.exclude(state=OutboxEvent.State.DONE).exists()


def test_seeding_again_changes_nothing(seeded, cards, django_assert_max_num_queries):
    before = counts(seeded)
    with django_assert_max_num_queries(3):
        shop_seed(SMALL, cards, io.StringIO())
    assert counts(seeded) == before


def test_interrupted_seeding_goes_on(db, cards, at):
    merchant = merchant_for(SMALL)
    story = history(SMALL, SEED, merchant.created_at)
    with tenant_scope(merchant.pk):
        catalogue_seed(SMALL, story)
    share_write(SMALL, 1, 2, io.StringIO())
    half = counts(merchant)["Order"]
    assert 0 < half < len(story.orders)
    assert not is_seeded(SMALL)
    shop_seed(SMALL, cards, io.StringIO())
    assert counts(merchant)["Order"] == len(story.orders)
    assert is_seeded(SMALL)


def test_shares_are_the_whole_and_never_part_a_shopper():
    plans = [plan for plan in history(HARROW_PINE, SEED, datetime(2026, 11, 21, tzinfo=UTC)).orders if is_past(plan)]
    first, second = share_of(plans, 0, 2), share_of(plans, 1, 2)
    assert len(first) + len(second) == len(plans)
    assert not {plan.person for plan in first} & {plan.person for plan in second}
    assert abs(len(first) - len(second)) < len(plans) / 4


def test_shops_know_nothing_of_each_other(db, cards, at):
    one = replace(SMALL, customers=4, days=10)
    two = replace(HARROW_PINE, customers=4, days=10)
    for shop in (one, two):
        shop_seed(shop, cards, io.StringIO())
    for shop in (one, two):
        merchant = Merchant.objects.get(slug=shop.slug)
        with tenant_scope(merchant.pk):
            assert set(Order.objects.values_list("currency", flat=True)) == {shop.currency}
            assert all(number.startswith(shop.prefix) for number in Order.objects.values_list("number", flat=True))
            recent = Order.objects.latest("placed_at").placed_at
        assert recent <= merchant.created_at + timedelta(minutes=1)


def test_refused_where_devtools_is_off(db, settings):
    settings.DEVTOOLS = False
    with pytest.raises(CommandError, match="DEVTOOLS"):
        call_command("seed_demo")
    assert not Merchant.objects.exists()
