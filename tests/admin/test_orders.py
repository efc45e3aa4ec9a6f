"""The list of orders at 50,000, search and filters; the order page; moving the window."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from merchants.models import AuditEntry
from orders.models import Customer, EditWindow, Order
from orders.services.windows import window_close
from tests.admin.conftest import Staff
from tests.factories import CustomerInputFactory, LineInputFactory, paid_order
from tests.tenancy.rows import one_of_everything

LIST = "/m/harrow/admin/orders/order/"

MANY = """
    INSERT INTO orders_order (id, merchant_id, source, external_id, external_version, number, number_normalised, status,
        version, currency, fx_rate, is_tax_inclusive, items_minor, discount_minor, shipping_minor, shipping_tax_minor,
        tax_minor, total_minor, refunded_minor, checkout_total_minor, checkout_net_minor, shipping_title, placed_at,
        sales_channel, landing_utm, tags, risk_level, is_test, is_backfill, created_at, updated_at, customer_id)
    SELECT gen_random_uuid(), %(merchant)s, 'file', n::text, 1, 'F-' || n, 'f-' || n, 'open',
        1, 'USD', 1, false, 100, 0, 0, 0,
        0, 100, 0, 100, 100, '', %(at)s::timestamptz - n * interval '1 minute',
        'web', '{}', '[]', 'low', false, true, %(at)s, %(at)s, %(customer)s
    FROM generate_series(1, %(count)s) n
"""


@pytest.fixture
def many_orders(scope):
    customer = Customer.objects.create(
        source="file", external_id="c", email="a@b.example", email_normalised="a@b.example"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            MANY,
            {"merchant": scope.pk, "at": clock.now() - timedelta(days=1), "count": 50_000, "customer": customer.pk},
        )
        cursor.execute("ANALYZE orders_order")


def ids(response):
    return [order.pk for order in response.context["cl"].result_list]


def test_list_of_fifty_thousand(staff: Staff, many_orders):
    for _ in range(3):
        paid_order()
    client = staff("owner")
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(LIST)
    assert len(queries) <= 20
    assert not [
        q["sql"] for q in queries if "COUNT(" in q["sql"] and "LIMIT" not in q["sql"] and "orders_order" in q["sql"]
    ]
    assert len(ids(response)) == 50
    content = response.content.decode()
    assert "more than 2,000" in content
    assert len(ids(client.get(LIST, {"p": 40}))) == 50
    assert client.get(LIST, {"p": 41}).status_code == 302
    for query in ({"q": "f-4999"}, {"q": "a@b"}, {"q": "rosengren"}, {"window": "open"}, {"edits": "edited"}):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST, query).status_code == 200
        assert len(queries) <= 20


@pytest.mark.parametrize(
    "term", ["HP-77", "hp-7", "#HP-77", "Mara@Shop.example", "mara@", "okaf", "Mara  OKAF", " hp-77 "]
)
def test_search_finds_by_number_email_and_name(staff: Staff, scope, term):
    customer = CustomerInputFactory(email="mara@shop.example", first_name="Mara", last_name="Okafor-Okifo")
    wanted = paid_order(number="HP-77", customer=customer)
    other = paid_order(number="XX-1", customer=CustomerInputFactory(email="b@c.example", first_name="B", last_name="C"))
    found = ids(staff("support").get(LIST, {"q": term}))
    assert found == [wanted.pk]
    assert other.pk not in found


@pytest.mark.parametrize("term", ["Großmann", "GROSSMANN", "großm", "Jörg  Groß"])
def test_search_folds_names_as_they_are_kept(staff: Staff, scope, term):
    customer = CustomerInputFactory(first_name="Jörg", last_name="Großmann")
    wanted = paid_order(customer=customer)
    paid_order()
    client = staff("support")
    assert ids(client.get(LIST, {"q": term})) == [wanted.pk]
    customers = f"{LIST.removesuffix('order/')}customer/"
    assert ids(client.get(customers, {"q": term})) == [wanted.customer_id]


def test_wild_search_terms_do_no_harm(staff: Staff, scope):
    paid_order()
    client = staff("owner")
    for term in ("%", "_", "'; DROP TABLE", "\U0010ffff", "x" * 500, "ß", "   "):
        assert client.get(LIST, {"q": term}).status_code == 200
    assert client.get(LIST, {"customer__email": "x"}).status_code in (302, 400)
    assert client.get(LIST, {"window": "nonsense", "placed": "never"}).status_code == 200


def test_filters(staff: Staff, scope, at):
    fresh = paid_order(at=at)
    soon = paid_order(at=at - timedelta(minutes=130))
    paid_order(at=at - timedelta(days=40))
    client = staff("owner")
    assert set(ids(client.get(LIST, {"window": "open"}))) == {fresh.pk, soon.pk}
    assert ids(client.get(LIST, {"window": "hour"})) == [soon.pk]
    assert ids(client.get(LIST, {"window": "closed"})) == []
    window_close(order_id=soon.pk)
    assert ids(client.get(LIST, {"window": "closed"})) == [soon.pk]
    assert set(ids(client.get(LIST, {"placed": "week"}))) == {fresh.pk, soon.pk}
    assert "2 h left" not in client.get(LIST).content.decode()
    assert "3 h left" in client.get(LIST).content.decode()


def test_edits_filter_and_column(staff: Staff, scope):
    stuck = one_of_everything()["orders.Order"]
    plain = paid_order()
    client = staff("owner")
    assert ids(client.get(LIST, {"edits": "review"})) == [stuck.pk]
    assert set(ids(client.get(LIST, {"edits": "none"}))) == {stuck.pk, plain.pk}
    assert "Needs a person" in client.get(LIST).content.decode()


def page(order, path="change/"):
    return f"{LIST}{order.pk}/{path}"


def test_order_page_shows_it_all(staff: Staff, scope):
    order = one_of_everything()["orders.Order"]
    client = staff("owner")
    with CaptureQueriesContext(connection) as queries:
        content = client.get(page(order)).content.decode()
    assert len(queries) <= 30
    for text in ("Golden Window", "Ember table lamp", "Needs a person", "Visa 4242", "Alder Road", "Placed", "$50.00"):
        assert text in content, text


@pytest.mark.parametrize(("inclusive", "total", "shipping"), [(False, "$65.50", "$10.50"), (True, "$60.00", "$10.00")])
def test_the_sums_of_the_order_page_add_up(staff: Staff, scope, inclusive, total, shipping):
    line = LineInputFactory(unit_price_minor=5000, tax_minor=500, tax_rate_bp=1000)
    order = paid_order(
        lines=(line,), shipping_minor=1000, shipping_tax_minor=50, shipping_title="Post", tax_inclusive=inclusive
    )
    html = staff("owner").get(page(order)).content.decode()
    sums = re.search(r'<dl class="pro-sums">(.*?)</dl>', html, re.DOTALL).group(1)
    texts = re.findall(r"<d[td]>(.*?)</d[td]>", sums)
    assert texts == ["Shipping", shipping, "Total", total, "of which tax", "$5.50"]


def test_extending_and_closing_a_window(staff: Staff, scope):
    order = paid_order()
    client = staff("support")
    closes_at = order.window.closes_at
    response = client.post(page(order, "do/extend_window/"), follow=True)
    assert "The window now closes at" in response.content.decode()
    window = EditWindow.objects.get(order=order)
    assert window.closes_at == closes_at + timedelta(hours=1)
    client.post(page(order, "do/close_window/"))
    window.refresh_from_db()
    assert (window.state, window.close_reason) == ("released", "staff")
    entries = AuditEntry.objects.filter(object_id=str(order.pk)).order_by("at")
    assert [entry.action for entry in entries] == ["order.window_extended", "order.window_closed"]
    assert entries[1].before["state"] == "open"
    assert entries[1].after["state"] == "released"
    assert entries[1].actor_type == "user"
    again = client.post(page(order, "do/close_window/"), follow=True)
    assert "cannot be done any more" in again.content.decode()
    assert "closes at" in client.get(page(order, "history/")).content.decode()


def test_closing_windows_from_the_list(staff: Staff, scope):
    first, second, left = paid_order(), paid_order(), paid_order()
    closed = paid_order()
    client = staff("manager")
    client.post(page(closed, "do/close_window/"))
    form = {"action": "close_window", "_selected_action": [str(o.pk) for o in (first, second, closed)], "index": "0"}
    content = client.post(LIST, form, follow=True).content.decode()
    assert "done for 2 orders" in content
    assert f"{closed.number}: this cannot be done now" in content
    assert EditWindow.objects.filter(order__in=[first, second], state="released").count() == 2
    assert EditWindow.objects.get(order=left).state == "open"


def test_an_analyst_has_no_actions(staff: Staff, scope):
    order = paid_order()
    client = staff("analyst")
    client.post(LIST, {"action": "close_window", "_selected_action": [str(order.pk)], "index": "0"})
    assert EditWindow.objects.get(order=order).state == "open"


def test_the_shoppers_link_is_shown_once(staff: Staff, scope, client):
    order = paid_order()
    response = staff("support").post(page(order, "do/portal_link/"))
    assert "no-store" in response["Cache-Control"]
    url = response.context["secret"]
    assert url in response.content.decode()
    path = url[url.index("/m/") :]
    assert client.get(path, follow=True).status_code == 200
    entry = AuditEntry.objects.get(action="order.link_made")
    assert path.split("/")[-2] not in str(entry.after)


def test_unknown_orders_and_actions(staff: Staff, scope):
    client = staff("owner")
    order = paid_order()
    assert client.get(f"{LIST}not-an-id/change/").status_code == 404
    assert client.post(page(order, "do/unknown/")).status_code == 404
    assert client.post(page(order)).status_code == 405
    assert client.get(page(order, "delete/")).status_code == 404
    assert Order.objects.filter(pk=order.pk).exists()


def test_a_search_with_too_many_matches_says_so(staff: Staff, scope, monkeypatch):
    monkeypatch.setattr("core.admin.search.MOST", 3)
    monkeypatch.setattr("core.admin.paging.MOST", 3)
    for number in range(5):
        paid_order(number=f"AB-{number}", customer=None)
    client = staff("owner")
    response = client.get(LIST, {"q": "ab-"})
    assert [order.number for order in response.context["cl"].result_list] == ["AB-4", "AB-3", "AB-2"]
    assert "the first 3 orders; type more to find others" in response.content.decode()
    assert "1 order" in client.get(LIST, {"q": "ab-0"}).content.decode()
