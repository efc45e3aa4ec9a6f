"""The generator of the demo shops: deterministic, and believable in its figures."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devtools.demo.catalogue import minor
from devtools.demo.history import as_past, history
from devtools.demo.people import MAIL_DOMAINS
from devtools.demo.pricing import decimal_string, percent_of, tax_within
from devtools.demo.repeat import purchases
from devtools.demo.rhythm import OPENS, SHUTS
from devtools.demo.shops import HARROW_PINE, KETTLE_FERN, SEED, SHOPS

NOW = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def story():
    return history(HARROW_PINE, SEED, NOW)


def test_same_seed_and_moment_give_the_same_past(story):
    assert history(HARROW_PINE, SEED, NOW) == story


def test_another_seed_gives_another_past(story):
    assert history(HARROW_PINE, SEED + 1, NOW).orders[:5] != story.orders[:5]


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.slug)
def test_catalogue_holds_together(shop):
    slugs = [product.slug for product in shop.products]
    variants = [variant.external_id for product in shop.products for variant in product.variants]
    assert len(set(slugs)) == len(slugs)
    assert len(set(variants)) == len(variants)
    for product in shop.products:
        assert 1 <= len(product.variants) <= 4
        assert set(product.goes_with) <= set(slugs) - {product.slug}
        assert all(0 < variant.cost < variant.price for variant in product.variants)


def test_main_shop_has_about_sixty_products():
    assert 55 <= len(HARROW_PINE.products) <= 70


def test_shoppers_are_many_and_their_mail_can_reach_nobody(story):
    assert len(story.people) == 400
    assert len({person.email for person in story.people}) == 400
    assert {person.email.partition("@")[2] for person in story.people} <= set(MAIL_DOMAINS)
    assert len({(person.first_name, person.last_name) for person in story.people}) > 330


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.slug)
def test_totals_are_the_sum_of_their_parts(shop):
    for plan in history(shop, SEED, NOW).orders:
        order = plan.payload
        sign = 0 if order["tax_inclusive"] else 1
        lines = sum(
            minor(line["unit_price"]) * line["quantity"] - minor(line["discount"]) + sign * minor(line["tax"])
            for line in order["lines"]
        )
        shipping = minor(order["shipping"]["price"]) + sign * minor(order["shipping"]["tax"])
        assert minor(order["total"]) == lines + shipping
        assert [tender["captured"] for tender in order["tenders"]] == [order["total"]]


def test_orders_stand_in_time_and_none_is_in_the_future(story):
    zone = ZoneInfo(HARROW_PINE.time_zone)
    assert [plan.placed_at for plan in story.orders] == sorted(plan.placed_at for plan in story.orders)
    assert NOW - timedelta(days=121) < story.orders[0].placed_at < NOW - timedelta(days=117)
    for plan in story.orders:
        steps = [plan.placed_at, plan.fulfilment_started_at, plan.fulfilled_at, plan.delivered_at]
        done = [at for at in steps if at is not None]
        assert done == sorted(done)
        assert max(done) <= NOW
        if plan.fulfilment_started_at:
            assert plan.cancelled_at is None
            local = plan.fulfilment_started_at.astimezone(zone)
            assert local.weekday() < 5 or local.time() < OPENS or local.time() > SHUTS
    hours = Counter(plan.placed_at.astimezone(zone).hour for plan in story.orders)
    assert hours[20] > 5 * (hours[3] + 1)


def test_shoppers_come_back_as_shoppers_do(story):
    orders = Counter(plan.person.external_id for plan in story.orders)
    assert 650 <= len(story.orders) <= 1050
    assert 0.3 < sum(count > 1 for count in orders.values()) / len(orders) < 0.6


def test_who_buys_once_in_a_thousand_years_stays_within_the_calendar():
    class Rare(random.Random):
        def expovariate(self, lambd=1.0):
            return 1e9

    joined = NOW - timedelta(days=10)
    assert purchases(joined, NOW, Rare(1)) == [joined]


@given(st.integers(0, 10_000))
def test_stock_is_never_negative(seed):
    shop = replace(KETTLE_FERN, customers=60)
    assert min(history(shop, seed, NOW).stock.values()) >= 0


def test_few_orders_are_edited_and_the_edits_are_worth_something(story):
    recent = [plan for plan in story.orders if NOW - plan.placed_at < timedelta(days=HARROW_PINE.edited_days)]
    edited = [plan for plan in recent if plan.edit and plan.edit.card == "ok"]
    assert 0.035 < len(edited) / len(recent) < 0.055
    assert 2 <= sum(1 for plan in recent if plan.edit and plan.edit.card == "declines") <= 12
    assert not any(plan.edit for plan in story.orders if plan not in recent)
    added = sum(pick.variant.price for plan in edited for pick in plan.edit.additions)
    assert 0.12 < added / sum(minor(plan.payload["total"]) for plan in edited) < 0.27


def test_additions_go_with_the_order(story):
    products = {product.slug: product for product in HARROW_PINE.products}
    by_variant = {v.external_id: product for product in products.values() for v in product.variants}
    for plan in story.orders:
        for pick in plan.edit.additions if plan.edit else ():
            bought = [by_variant[line["variant_external_id"]] for line in plan.payload["lines"]]
            assert pick.product.slug in {slug for product in bought for slug in product.goes_with}


def test_past_is_packed_cancelled_or_refunded_but_never_beyond_the_order(story):
    past = [as_past(plan, SEED) for plan in story.orders]
    assert all(order["backfill"] for order in past)
    cancelled = [order for order in past if order["cancelled_at"]]
    assert 0.01 < len(cancelled) / len(past) < 0.05
    refunded = [line for order in past if not order["cancelled_at"] for line in order["lines"] if "refunded" in line]
    assert len(refunded) > 10
    for line in refunded:
        paid = minor(line["unit_price"]) * line["quantity"] - minor(line["discount"]) + minor(line["tax"])
        assert 0 <= minor(line["refunded"]) <= paid


@given(st.integers(0, 10**9), st.integers(0, 5000))
def test_tax_within_is_the_tax_on_what_is_left(amount, rate):
    tax = tax_within(amount, rate)
    assert 0 <= tax <= amount
    assert abs(percent_of(amount - tax, rate) - tax) <= 1


@given(st.integers(0, 10**9))
def test_amounts_read_back(amount):
    assert minor(decimal_string(amount)) == amount
