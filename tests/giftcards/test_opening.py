"""Balances from another system: each card once, found by its code alone, never readable in the database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from core import clock
from core.tenancy import tenant_scope
from giftcards.inputs import GiftCardInput
from giftcards.models import OpeningBalance
from giftcards.services.opening import opening_balances_import
from tests.conftest import NOON
from tests.factories import paid_order

pytestmark = pytest.mark.usefixtures("scope", "at")

CARD = GiftCardInput(
    code="HP7K-Q2M9-XW41",
    currency="USD",
    balance_minor=2500,
    issued_at=NOON - timedelta(days=30),
    expires_at=NOON + timedelta(days=300),
    note="Spring fair",
)


def bring(*items):
    return opening_balances_import(items=items)


def outcomes(*items):
    return [(result.created, result.applied) for result in bring(*items)]


def test_a_card_is_found_by_its_code_however_it_is_written():
    [result] = bring(CARD)
    assert (result.created, result.applied) == (True, True)
    for code in ("HP7K-Q2M9-XW41", "hp7k q2m9 xw41", "HP7KQ2M9XW41 "):
        [again] = bring(replace(CARD, code=code))
        assert (again.card, again.created) == (result.card, False)
    stored = OpeningBalance.objects.get()
    assert (stored.code, stored.last4, stored.balance_minor) == ("HP7KQ2M9XW41", "XW41", 2500)


def test_the_code_stands_nowhere_in_the_database():
    bring(CARD)
    with connection.cursor() as cursor:
        cursor.execute("SELECT giftcards_openingbalance::text FROM giftcards_openingbalance")
        [[row]] = cursor.fetchall()
    assert "HP7K" not in row


def test_the_same_file_again_changes_nothing():
    assert outcomes(CARD) == [(True, True)]
    before = OpeningBalance.objects.values().get()
    assert outcomes(replace(CARD, code="hp7kq2m9xw41")) == [(False, False)]
    assert OpeningBalance.objects.values().get() == before


def test_another_balance_is_taken_while_the_ledger_has_not_taken_the_card_over():
    bring(CARD)
    assert outcomes(replace(CARD, balance_minor=1000)) == [(False, True)]
    card = OpeningBalance.objects.get()
    assert card.balance_minor == 1000
    OpeningBalance.objects.update(posted_at=NOON)
    [refusal] = bring(CARD)
    assert (refusal.code, refusal.params) == ("gift_card_posted", {"last4": "XW41"})
    assert outcomes(replace(CARD, balance_minor=1000)) == [(False, False)], "what is known is no change"


def test_what_a_file_leaves_out_stays_known():
    bring(CARD)
    assert outcomes(GiftCardInput(code=CARD.code, currency="USD", balance_minor=2500)) == [(False, False)]
    assert OpeningBalance.objects.get().note == "Spring fair"


def test_twice_in_one_file_the_later_line_counts():
    assert outcomes(CARD, replace(CARD, balance_minor=700)) == [(True, True), (False, True)]
    assert OpeningBalance.objects.get().balance_minor == 700


def test_bad_cards_are_refused_alone():
    results = bring(
        replace(CARD, code="?"),
        replace(CARD, currency="XXQ"),
        replace(CARD, balance_minor=-1),
        replace(CARD, balance_minor=10**16),
        replace(CARD, expires_at=NOON - timedelta(days=31)),
        CARD,
        replace(CARD, currency="EUR"),
    )
    assert [getattr(result, "code", "stored") for result in results] == [
        *["invalid_gift_card"] * 5,
        "stored",
        "gift_card_currency",
    ]
    assert [list(result.field_errors) for result in results[:5]] == [
        ["code"],
        ["currency"],
        ["balance"],
        ["balance"],
        ["expires_at"],
    ]
    assert OpeningBalance.objects.get().currency == "USD"


def test_its_owner_is_who_alone_has_the_id_or_the_address(other_merchant):
    mara = paid_order().customer
    by_id = replace(CARD, customer_external_id=mara.external_id)
    by_address = replace(CARD, code="AAAA-1111", customer_email=mara.email.upper())
    unknown = replace(CARD, code="BBBB-2222", customer_external_id="nobody", customer_email=mara.email)
    assert [result.card.customer_id for result in bring(by_id, by_address, unknown)] == [mara.pk, mara.pk, None]
    type(mara).objects.create(source="till", external_id=mara.external_id, email_normalised=mara.email_normalised)
    again = bring(*(replace(card, code=f"CCCC-333{n}") for n, card in enumerate((by_id, by_address))))
    assert [result.card.customer_id for result in again] == [None, None], "two may be meant"
    with tenant_scope(other_merchant.pk):
        [result] = bring(by_id)
        assert result.card.customer_id is None


def test_the_number_of_statements_does_not_grow_with_the_file(django_assert_max_num_queries):
    cards = [replace(CARD, code=f"CODE-{n:04}") for n in range(400)]
    with django_assert_max_num_queries(8):
        assert all(result.created for result in bring(*cards))
    with django_assert_max_num_queries(8):
        assert all(result.applied for result in bring(*(replace(card, balance_minor=1) for card in cards)))


def test_it_holds_through_a_rotation_of_peppers(settings):
    settings.HASH_PEPPERS = ["a" * 40]
    bring(CARD)
    settings.HASH_PEPPERS = ["b" * 40, "a" * 40]
    assert outcomes(CARD) == [(False, False)]


def test_expired_cards_are_taken_too():
    past = clock.now() - timedelta(days=1)
    assert outcomes(replace(CARD, expires_at=past)) == [(True, True)]
