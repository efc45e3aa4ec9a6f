"""Presenters: what the pages say, from plain facts."""

import json
import uuid
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editing.rules import MOST_UNITS, StepName
from portal import facts
from portal.facts import ChangeState
from portal.pages.change import applied_notice, change_page
from portal.pages.edit import Search, edit_page
from portal.pages.order import order_page
from portal.pages.shop import shop_frame
from portal.pages.words import Words, left_words
from tests.portal.builders import NOW, ORDER, QUOTE, TRAY, WINDOW, WORDS, change

NOTHING = Search("", [], 0)


def test_open_order_says_until_when_and_offers_the_one_action():
    page = order_page(ORDER, WORDS)
    assert page.placed == "today, 12:42\u00a0pm"
    assert page.title == "Your order is in, and you can still add to it"
    assert page.window.until == "3:42\u00a0pm"
    assert page.window.left == "2 h 14 min left"
    assert page.can_edit
    assert [step.state for step in page.track] == ["done", "now", "todo", "todo", "todo"]


def test_personal_data_is_masked():
    told = json.dumps(asdict(order_page(ORDER, WORDS)), default=str)
    for secret in ("Reyes", "118", "Alder", "mara@", "example.com"):
        assert secret not in told


def test_a_window_that_fell_due_offers_nothing():
    page = order_page(replace(ORDER, window=replace(WINDOW, closes_at=NOW)), WORDS)
    assert not page.can_edit
    assert page.window.title == "Changes closed at 1:28\u00a0pm"
    assert page.title == "We are packing your order"


def test_a_window_cut_short_says_so():
    window = replace(WINDOW, is_open=False, is_cut_short=True, closed_at=NOW)
    page = order_page(replace(ORDER, window=window, fulfilment_started_at=NOW), WORDS)
    assert page.window.title == "Changes closed early, at 1:28\u00a0pm"


def test_without_a_card_on_file_nothing_can_be_added():
    page = order_page(replace(ORDER, is_chargeable=False), WORDS)
    assert not page.can_edit
    assert "still add" not in page.title


@pytest.mark.parametrize(
    ("changes", "title", "current"),
    [
        ({"paid_at": None}, "We are waiting for your payment", None),
        ({"fulfilled_at": NOW}, "Your order is on its way", 3),
        ({"fulfilled_at": NOW, "delivered_at": NOW}, "Your order has arrived", 4),
        ({"cancelled_at": NOW}, "This order was cancelled", None),
        ({"window": None}, "We are packing your order", 2),
    ],
)
def test_each_state_has_its_sentence(changes, title, current):
    page = order_page(replace(ORDER, **changes), WORDS)
    assert page.title == title
    assert not page.can_edit
    if current is not None:
        assert all(step.state == "done" for step in page.track[:current])


@given(st.timedeltas(timedelta(minutes=-10), timedelta(hours=24)))
def test_the_time_left_is_never_overstated(left):
    page = order_page(replace(ORDER, window=replace(WINDOW, closes_at=NOW + left)), WORDS)
    box = page.window
    assert timedelta(minutes=box.minutes_left) <= max(left, timedelta(0))
    assert box.is_open == (left > timedelta(0))


@given(st.integers(0, 1440))
def test_minutes_read_back(minutes):
    text = left_words().text(minutes)
    if minutes:
        numbers = [int(part) for part in text.split() if part.isdigit()]
        assert (numbers[0] * 60 + numbers[1] if len(numbers) == 2 else numbers[0]) == minutes
    assert "second" not in text


@pytest.mark.parametrize(
    ("locale", "zone", "currency", "clock", "amount"),
    [
        ("en-GB", "Europe/London", "GBP", "21:28", "£12.50"),
        ("de-DE", "Europe/Berlin", "EUR", "22:28", "12,50\u00a0€"),
        ("ja-JP", "Asia/Tokyo", "JPY", "5:28", "￥1,250"),
        ("ar", "Africa/Cairo", "KWD", None, None),
    ],
)
def test_words_follow_locale_zone_and_currency(locale, zone, currency, clock, amount):
    words = Words(locale, zone, currency, NOW)
    assert words.clock(NOW)
    assert clock is None or words.clock(NOW) == clock
    assert amount is None or words.money(1250) == amount
    assert words.when(NOW).startswith("today")


def test_days_are_those_of_the_shops_zone():
    words = Words("en-GB", "Pacific/Auckland", "NZD", NOW)  # 17 June, 08:28 there
    assert words.day(NOW - timedelta(hours=9)) == "yesterday"
    assert words.day(NOW + timedelta(days=1)) == "tomorrow"
    assert words.day(NOW + timedelta(days=2)) == "19 Jun 2026"
    assert words.until(NOW + timedelta(days=1)) == "tomorrow, 08:28"


def test_the_quote_names_the_amount_and_why():
    page = edit_page(ORDER, WORDS, quote=QUOTE, search=NOTHING)
    assert page.quote.due == "$25.92"
    assert [(row.name, row.amount) for row in page.quote.rows] == [
        ("1 Kiln tray", "+$24.00"),
        ("Tax", "+$1.92"),
        ("Shipping", "$0.00"),
    ]
    assert [(row.label, row.amount) for row in page.quote.totals] == [
        ("Paid so far", "$75.92"),
        ("New order total", "$101.84"),
        ("To pay now", "$25.92"),
    ]
    assert page.spoken == "$25.92 to pay now"


def test_tax_within_the_price_is_not_charged_twice():
    page = edit_page(replace(ORDER, is_tax_inclusive=True), WORDS, quote=QUOTE, search=NOTHING)
    tax = next(row for row in page.quote.rows if row.sign == "tax")
    assert (tax.amount, tax.why) == ("$0.00", "Already in these prices: $1.92")


def test_nothing_added_means_nothing_to_confirm():
    page = edit_page(ORDER, WORDS, quote=None, search=NOTHING)
    assert page.quote is None
    assert page.added == ()
    assert page.spoken == "Nothing is added"


@given(st.integers(1, 200), st.none() | st.integers(0, 200))
def test_buttons_ask_for_quantities_that_can_be_had(quantity, left):
    quote = replace(QUOTE, additions=(replace(TRAY, quantity=quantity),))
    item = facts.Item(TRAY.variant_id, TRAY.variant_id, "Kiln tray", "Sage", "", 2400, left)
    page = edit_page(ORDER, WORDS, quote=quote, search=Search("tray", [item], 1))
    row, result = page.added[0], page.results[0].kinds[0]
    most = MOST_UNITS if left is None else min(left, MOST_UNITS)
    assert row.fewer == quantity - 1
    assert row.more in (None, quantity + 1)
    assert (result.add_as is None) == (quantity >= most)
    assert result.label


def test_sold_out_cannot_be_added():
    item = facts.Item(TRAY.variant_id, TRAY.variant_id, "Kiln tray", "Sage", "", 2400, 0)
    page = edit_page(ORDER, WORDS, quote=None, search=Search("", [item], 61))
    [kind] = page.results[0].kinds
    assert (kind.add_as, kind.label) == (None, "Sold out")
    assert page.results_note == "60 more. Search to see them."


@pytest.mark.parametrize(
    ("state", "done", "states"),
    [
        (ChangeState.WORKING, [], ["done", "now", "todo", "todo"]),
        (ChangeState.WORKING, [StepName.RESERVE, StepName.AUTHORISE], ["done", "done", "done", "now"]),
        (ChangeState.BANK, [StepName.RESERVE], ["done", "done", "now", "todo"]),
        (ChangeState.DECLINED, [StepName.RESERVE], ["done", "done", "bad", "todo"]),
        (ChangeState.UNDONE, [], ["done", "bad", "todo", "todo"]),
        (ChangeState.APPLIED, list(StepName), ["done"] * 4),
    ],
)
def test_steps_show_where_the_change_is(state, done, states):
    page = change_page(ORDER, change(state, *done), WORDS)
    assert [step.state for step in page.steps] == states


@pytest.mark.parametrize("state", [ChangeState.DECLINED, ChangeState.UNDONE, ChangeState.EXPIRED])
def test_what_failed_says_that_nothing_was_charged(state):
    page = change_page(ORDER, change(state), WORDS)
    assert "charged" in page.title + page.lede
    assert "Your order is as it was" in page.lede
    assert page.can_retry


def test_the_refusal_names_amount_card_and_reason():
    page = change_page(ORDER, change(ChangeState.DECLINED, failure_text="Too little money."), WORDS)
    assert page.notice.title == "The bank said no to $25.92 on Visa ending 4242"
    assert page.notice.text == "Too little money."


def test_an_applied_change_names_what_was_charged():
    notice = applied_notice(ORDER, change(ChangeState.APPLIED), WORDS)
    assert (notice.tone, notice.text) == ("ok", "Visa ending 4242 was charged $25.92.")


def test_the_frame_speaks_the_language_of_its_texts():
    shop = facts.Shop("Harrow & Pine", "en-GB", "Europe/London", "#1f5c4a", "", "")
    assert shop_frame(shop).language == "en-GB"
    assert shop_frame(replace(shop, locale="ar-EG")).direction == "ltr"  # no Arabic texts yet
    assert shop_frame(replace(shop, brand_colour="#ff0000")).theme != shop_frame(shop).theme


def test_kinds_of_a_product_share_a_row():
    tray, mug = uuid.UUID(int=8), uuid.UUID(int=9)
    items = [
        facts.Item(tray, uuid.UUID(int=10), "Kiln tray", "Sage", "", 2400),
        facts.Item(tray, uuid.UUID(int=11), "Kiln tray", "Oat", "", 2400),
        facts.Item(mug, uuid.UUID(int=12), "Mug", "", "", 1150),
    ]
    page = edit_page(ORDER, WORDS, quote=None, search=Search("", items, 3))
    assert [(row.title, [kind.name for kind in row.kinds], row.is_single) for row in page.results] == [
        ("Kiln tray", ["Sage", "Oat"], False),
        ("Mug", [""], True),
    ]


def test_no_tax_no_word_of_it():
    page = edit_page(ORDER, WORDS, quote=replace(QUOTE, tax_minor=0), search=NOTHING)
    assert [row.sign for row in page.quote.rows] == ["plus", "truck"]
