"""What the button may and may not do before any money moves."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from core import clock
from core.tenancy import tenant_scope
from editing.errors import (
    ChargeLimitExceeded,
    CommitKeyReused,
    CurrencyNotOffered,
    EditEmpty,
    EditFinished,
    InvalidQuantity,
    NotForSale,
    QuoteExpired,
    QuoteStale,
)
from editing.models import EditSession, Quote
from editing.services.commit import edit_commit
from editing.services.drafts import edit_operation_set, edit_session_open, quote_current
from editing.services.saga import saga_drive
from orders.errors import EditUnderWay, OrderNotFound, SoldOut, WindowClosed
from orders.models import Order
from orders.services.lifecycle import order_fulfilment_update
from orders.services.revisions import SYSTEM, Actor
from tests.editing.conftest import SHOPPER
from tests.factories import VariantFactory

MINUTES_10 = timedelta(minutes=10)


def test_s06_a_quote_changes_nothing_and_is_exact(shop, at):
    order = shop.order()
    quote = shop.quoted(order, quantity=2)
    assert (quote.items_minor, quote.tax_minor, quote.due_minor) == (4800, 480, 5280)
    assert quote.new_total_minor == order.total_minor + 5280
    order.refresh_from_db()
    assert (order.version, order.total_minor, order.lines.count()) == (1, 5500, 1)


def test_an_unchanged_draft_keeps_its_quote_and_a_changed_one_gets_a_new(shop, at):
    order = shop.order()
    first = shop.quoted(order)
    assert shop.quoted(order) == first
    assert shop.quoted(order, quantity=2) != first
    with clock.frozen(at + timedelta(minutes=9)):
        assert shop.quoted(order, quantity=2).expires_at == at + timedelta(minutes=19)


def test_s07_a_quote_older_than_its_time_is_refused_and_a_new_one_is_to_be_had(shop, at):
    order = shop.order()
    quote = shop.quoted(order)
    with clock.frozen(at + MINUTES_10):
        with pytest.raises(QuoteExpired):
            shop.commit(order, quote)
        shop.commit(order, quote_current(session_id=quote.session_id))


def test_s09_the_same_key_again_is_the_same_edit(shop, at):
    order = shop.order()
    quote = shop.quoted(order)
    assert shop.commit(order, quote) == shop.commit(order, quote)


def test_s10_the_same_key_for_another_change_is_refused(shop, at):
    order = shop.order()
    saga_drive(shop.commit(order, shop.quoted(order)).pk)
    with pytest.raises(CommitKeyReused):
        shop.commit(order, shop.quoted(order, quantity=3))


def test_a_key_belongs_to_its_order(shop, at):
    first, second = shop.order(), shop.order()
    assert shop.commit(first, shop.quoted(first)) != shop.commit(second, shop.quoted(second))


def test_the_amount_must_be_the_one_that_was_seen(shop, at):
    order = shop.order()
    quote = shop.quoted(order)
    with pytest.raises(QuoteStale):
        edit_commit(
            order_id=order.pk,
            quote_id=quote.pk,
            expected_due_minor=quote.due_minor - 1,
            idempotency_key="k",
            actor=SHOPPER,
        )


def test_a_quote_from_before_another_change_is_stale(shop, at):
    order = shop.order()
    mine = shop.quoted(order)
    theirs = shop.quoted(order, actor=Actor("shopper", "link-2"))
    saga_drive(shop.commit(order, theirs, key="other").pk)
    with pytest.raises(QuoteStale):
        shop.commit(order, mine)


def test_another_edit_under_way_holds_the_order(shop, at):
    order = shop.order()
    mine, theirs = shop.quoted(order), shop.quoted(order, actor=Actor("shopper", "link-2"))
    shop.commit(order, theirs, key="other")
    with pytest.raises(EditUnderWay):
        shop.commit(order, mine)


def test_s39_a_window_closed_one_second_ago_is_closed(shop, at):
    order = shop.order()
    with clock.frozen(at + timedelta(minutes=179)):
        quote = shop.quoted(order)
    with clock.frozen(at + timedelta(minutes=180, seconds=1)), pytest.raises(WindowClosed):
        shop.commit(order, quote)
    assert shop.intents() == []
    assert EditSession.objects.get().state == "draft"


def test_fulfilment_ends_editing(shop, at):
    order = shop.order()
    quote = shop.quoted(order)
    order_fulfilment_update(order_id=order.pk, started_at=at, actor=SYSTEM)
    with pytest.raises(QuoteStale):
        shop.commit(order, quote)
    with pytest.raises(WindowClosed):
        edit_session_open(order_id=order.pk, actor=SHOPPER)


def test_a_link_may_charge_only_so_much_per_order(shop, at):
    order = shop.order()
    saga_drive(shop.commit(order, shop.quoted(order, quantity=3)).pk)  # 79.20
    order.refresh_from_db()
    with pytest.raises(ChargeLimitExceeded, match=r"100\.00 USD"):
        shop.commit(order, shop.quoted(order), key="k2")
    assert shop.captured() == 7920
    staff = Actor("user", "1")
    shop.commit(order, shop.quoted(order, actor=staff), key="k3", actor=staff)


def test_only_what_is_for_sale_in_the_orders_currency_can_be_added(shop, at):
    session = edit_session_open(order_id=shop.order().pk, actor=SHOPPER)
    gone = VariantFactory(is_active=False)
    archived = VariantFactory(product__status="archived")
    euros = VariantFactory(currency="EUR")
    none_left = VariantFactory(stock_quantity=0)
    for variant, error in (
        (gone, NotForSale),
        (archived, NotForSale),
        (euros, CurrencyNotOffered),
        (none_left, SoldOut),
    ):
        with pytest.raises(error):
            edit_operation_set(session_id=session.pk, variant_id=variant.pk, quantity=1)
    for quantity in (-1, 100, 10**9):
        with pytest.raises(InvalidQuantity):
            edit_operation_set(session_id=session.pk, variant_id=shop.variant.pk, quantity=quantity)
    with pytest.raises(EditEmpty):
        quote_current(session_id=session.pk)


def test_a_price_in_another_currency_is_not_taken_for_the_orders(shop, at):
    quote = shop.quoted(shop.order())
    shop.variant.currency, shop.variant.price_minor = "JPY", 3500
    shop.variant.save()
    with pytest.raises(NotForSale):
        quote_current(session_id=quote.session_id)


def test_foreign_ids_are_not_found(shop, at, other_merchant):
    order = shop.order()
    quote = shop.quoted(order)
    with tenant_scope(other_merchant.pk):
        with pytest.raises(OrderNotFound):
            shop.commit(order, quote)
        with pytest.raises(OrderNotFound):
            edit_session_open(order_id=order.pk, actor=SHOPPER)
        foreign = VariantFactory(currency="USD")
    with pytest.raises(NotForSale):
        edit_operation_set(session_id=quote.session_id, variant_id=foreign.pk, quantity=1)
    other = shop.order()
    with pytest.raises(QuoteStale):
        shop.commit(other, quote)


def test_a_committed_change_is_not_altered(shop, at):
    order = shop.order()
    session = shop.commit(order, shop.quoted(order))
    with pytest.raises(EditFinished):
        edit_operation_set(session_id=session.pk, variant_id=shop.variant.pk, quantity=5)
    with pytest.raises(EditFinished):
        quote_current(session_id=session.pk)


def test_the_database_itself_refuses_a_second_holding_edit_and_a_changed_quote(shop, at):
    order = shop.order()
    session = shop.commit(order, shop.quoted(order))
    with pytest.raises(IntegrityError), transaction.atomic():
        EditSession.objects.create(order=order, state="committing", currency="USD")
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        Quote.objects.filter(session=session).update(due_minor=1)
    assert Order.objects.count() == 1
