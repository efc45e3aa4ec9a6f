"""The list of cards that were taken over: for owners and managers, without codes, with what is owed."""

import pytest

from giftcards.inputs import GiftCardInput
from giftcards.services.opening import opening_balances_import
from tests.admin.conftest import member, staff
from tests.factories import paid_order

__all__ = ["member", "staff"]
LIST = "/m/harrow/admin/giftcards/openingbalance/"


@pytest.fixture
def cards(scope):
    customer = paid_order().customer
    inputs = [
        GiftCardInput(code="HP7K-Q2M9-XW41", currency="USD", balance_minor=2500, customer_email=customer.email),
        GiftCardInput(code="HP7K-Q2M9-XW42", currency="USD", balance_minor=1000),
        GiftCardInput(code="HP7K-Q2M9-XW43", currency="EUR", balance_minor=0),
    ]
    return [result.card for result in opening_balances_import(items=inputs)]


def test_cards_with_their_sums_and_without_their_codes(staff, cards):
    client = staff("manager")
    shown = client.get(LIST).content.decode()
    assert "Still owed: €0.00 on 1 card; $35.00 on 2 cards." in shown
    assert "…XW41" in shown
    assert "Mara Rosengren" in shown
    assert "HP7KQ2M9" not in shown
    found = client.get(LIST, {"q": "hp7k-q2m9-xw42"}).content.decode()
    assert "…XW42" in found
    assert "…XW41" not in found


def test_a_card_and_the_page_of_its_customer(staff, cards):
    client = staff("owner")
    shown = client.get(f"{LIST}{cards[0].pk}/change/").content.decode()
    assert "$25.00" in shown
    assert "HP7KQ2M9" not in shown
    customer = client.get(f"/m/harrow/admin/orders/customer/{cards[0].customer_id}/change/").content.decode()
    assert "…XW41" in customer


@pytest.mark.parametrize("role", ["support", "analyst"])
def test_others_do_not_see_them(staff, cards, role):
    assert staff(role).get(LIST).status_code == 403


def test_the_list_costs_the_same_for_many(staff, cards, django_assert_max_num_queries):
    client = staff("owner")
    opening_balances_import(
        items=[GiftCardInput(code=f"MANY-{n:04}", currency="USD", balance_minor=1) for n in range(60)]
    )
    with django_assert_max_num_queries(20):
        assert client.get(LIST).status_code == 200
