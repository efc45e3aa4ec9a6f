import uuid
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from editing.rules import (
    DRIVEN_STATES,
    FINAL_STATES,
    HOLDING_STATES,
    TRANSITIONS,
    AddItem,
    EditState,
    OrderContext,
    PaidLine,
    StepName,
    added_tax,
    included_tax,
    prevailing_rate_bp,
    price_additions,
    steps_for,
)

rates = st.integers(0, 5000)
items = st.builds(
    AddItem,
    variant_id=st.uuids(),
    title=st.just("Tray"),
    variant_title=st.just(""),
    quantity=st.integers(1, 99),
    unit_price_minor=st.integers(0, 1_000_000),
    tax_rate_bp=st.none() | rates,
)
contexts = st.builds(
    OrderContext,
    currency=st.just("USD"),
    version=st.integers(1, 9),
    total_minor=st.integers(0, 10_000_000),
    is_tax_inclusive=st.booleans(),
    lines=st.lists(st.builds(PaidLine, st.integers(0, 100_000), rates), max_size=5).map(tuple),
)


@given(st.lists(items, min_size=1, max_size=8), contexts)
def test_the_parts_of_a_quote_add_up(additions, order):
    quote = price_additions(additions, order)
    assert quote.due_minor == sum(line.total_minor for line in quote.lines) + quote.shipping_minor
    assert quote.new_total_minor == order.total_minor + quote.due_minor
    goods = sum(item.unit_price_minor * item.quantity for item in additions)
    assert quote.items_minor == goods
    assert quote.due_minor == (goods if order.is_tax_inclusive else goods + quote.tax_minor)


@given(st.integers(0, 10**9), rates)
def test_tax_is_exact_to_half_a_minor_unit(amount, rate_bp):
    exact = Fraction(amount * rate_bp, 10_000)
    assert abs(added_tax(amount, rate_bp) - exact) <= Fraction(1, 2)
    net = Fraction(amount * 10_000, 10_000 + rate_bp)
    assert abs((amount - included_tax(amount, rate_bp)) - net) <= Fraction(1, 2)


def test_a_variant_without_a_rate_takes_that_of_most_of_the_order():
    lines = (PaidLine(5000, 1000), PaidLine(4000, 500), PaidLine(2000, 500))
    assert prevailing_rate_bp(lines) == 500
    assert prevailing_rate_bp(()) == 0


def test_the_same_figures_give_the_same_hash():
    item = AddItem(uuid.UUID(int=1), "Tray", "Oat", 1, 2400, None)
    order = OrderContext("USD", 1, 5000, False, (PaidLine(5000, 1000),))
    assert price_additions([item], order).hash() == price_additions([item], order).hash()
    assert price_additions([item], order).due_minor == 2640


def test_the_table_of_states_is_whole():
    assert set(TRANSITIONS) == set(EditState)
    assert set(DRIVEN_STATES) <= set(HOLDING_STATES)
    assert not set(HOLDING_STATES) & set(FINAL_STATES)
    reachable, front = {EditState.DRAFT}, [EditState.DRAFT]
    while front:
        for state in TRANSITIONS[front.pop()]:
            if state not in reachable:
                reachable.add(state)
                front.append(state)
    assert reachable == set(EditState)


def test_an_edit_that_costs_nothing_moves_no_money():
    assert steps_for(0) == (StepName.RESERVE, StepName.APPLY)
    assert steps_for(1) == tuple(StepName)
