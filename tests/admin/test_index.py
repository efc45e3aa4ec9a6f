"""The index page says what the figures say, and nothing where there are none."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock
from core.models import OutboxEvent
from metrics.models import MetricDay
from tests.admin.conftest import Staff
from tests.factories import paid_order
from tests.tenancy.rows import one_of_everything

INDEX = "/m/harrow/admin/"


def day(at, days, **sums):
    values = {"orders": 100, "engaged_orders": 4, "window_engaged_orders": 3, "original_minor": 500_000}
    values |= {"engaged_original_minor": 15_000, "pp_gross_minor": 4_000, "pp_refunded_minor": 500, **sums}
    amounts = {f"home_{name}": value for name, value in values.items() if name.endswith("_minor")}
    MetricDay.objects.create(
        local_date=(at - timedelta(days=days)).date(),
        currency="USD",
        channel="web",
        self_service_orders=0,
        computed_at=at,
        **values,
        **amounts,
    )


def test_cards_show_rates_bands_and_changes(staff: Staff, scope, at):
    day(at, 3)
    day(at, 40, engaged_orders=3, pp_gross_minor=1_500, pp_refunded_minor=0)
    day(at, 90, orders=9_999)
    content = staff("analyst").get(INDEX)
    conversion, value, revenue = content.context["cards"]
    assert (conversion.value, conversion.band, conversion.change) == ("4.0%", "Good", "+1 pts on the 30 days before")
    assert conversion.cuts == (
        ("Below", "0–1%", False),
        ("Average", "1–4%", False),
        ("Good", "4–5%", True),
        ("Excellent", "5%+", False),
    )
    # 35.00 over 3 orders, on 50.00 average
    assert (value.value, value.band) == ("23.3%", "Average")
    assert value.explanation == "$11.67 an order on $50.00 average. All orders: 0.70%."
    assert (revenue.value, revenue.change) == ("$35.00", "+$20.00 on the 30 days before")
    # at 5,000.00 of original revenue: 0.15 %, 1 % and 2 % of it
    assert [cut[1] for cut in revenue.cuts] == ["0–$7.50", "$7.50–$50", "$50–$100", "$100+"]
    assert revenue.band == "Average"
    shown = content.context["revenue"]
    assert shown["heading"] == "$35.00 earned after checkout"
    assert shown["finding"] == "Feb 9 – Mar 10, 133.3% more than the 30 days before ($15.00)"
    assert sum(Decimal(week["value"].strip("$")) for week in shown["weeks"]) == 35


def test_a_change_too_small_to_show_is_no_change(staff: Staff, scope, at):
    day(at, 3, orders=1001, engaged_orders=40)
    day(at, 40, orders=1000, engaged_orders=40)
    conversion = staff("owner").get(INDEX).context["cards"][0]
    assert conversion.change == "The same as in the 30 days before"


def test_nothing_is_never_shown_as_zero(staff: Staff, scope):
    response = staff("owner").get(INDEX)
    assert [card.value for card in response.context["cards"]] == [None, None, None]
    assert response.content.decode().count("Not enough data yet") == 3
    assert "The chart starts with the first item" in response.content.decode()


def test_right_now(staff: Staff, scope, at):
    paid_order(at=at)
    paid_order(at=at - timedelta(minutes=175))
    now = {figure["label"]: figure for figure in staff("owner").get(INDEX).context["now"]}
    assert now["Open windows"]["value"] == "2"
    assert now["Open windows"]["note"] == "Next in 5 min"
    assert now["Added today"]["value"] == "$0.00"


def test_what_needs_a_person_leads_there_and_is_done_there(staff: Staff, scope):
    event = one_of_everything()["core.OutboxEvent"]
    client = staff("owner")
    todos = client.get(INDEX).context["todos"]
    assert [(todo.tag, todo.text) for todo in todos] == [
        ("Edits", "1 edit stopped half-way"),
        ("Events", "1 event was given up"),
    ]
    assert str(event.pk) in client.get(todos[1].url).content.decode()
    answer = client.post(f"{INDEX}core/outboxevent/{event.pk}/do/replay/", follow=True).content.decode()
    assert "back in the queue" in answer
    event.refresh_from_db()
    assert (event.state, event.attempts) == (OutboxEvent.State.PENDING, 0)
    after = client.get(INDEX)
    assert len(after.context["todos"]) == 1
    assert after.context["recent"][0]["text"] == "Outbox event replayed"


@pytest.mark.parametrize("role", ["support", "analyst"])
def test_events_are_not_for_every_role(staff: Staff, scope, role):
    event = one_of_everything()["core.OutboxEvent"]
    client = staff(role)
    assert [todo.tag for todo in client.get(INDEX).context["todos"]] == ["Edits"]
    assert client.post(f"{INDEX}core/outboxevent/{event.pk}/do/replay/").status_code == 403


def test_days_are_those_of_the_shop(staff: Staff, scope, settings):
    """At 5 in the morning in London it is still yesterday in Los Angeles."""
    with clock.frozen(clock.now().replace(year=2026, month=3, day=10, hour=5)):
        assert staff("owner").get(INDEX).context["title"] == "Monday, March 9, 2026"
