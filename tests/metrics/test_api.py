"""GET /api/v1/metrics/summary and /daily."""

import datetime as dt

import pytest

from merchants.services.api_keys import api_key_issue

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
PAGES = ["/api/v1/metrics/summary", "/api/v1/metrics/daily"]


@pytest.fixture
def ask(client):
    """Ask as a shop's key; unknown shops' numbers stay unseen because the key decides."""

    def ask(shop, path, scopes=("metrics:read",), **query):
        with shop.scope():
            _, raw = api_key_issue(merchant_id=shop.id, name="test", kind="secret", scopes=list(scopes))
        return client.get(path, query, headers={"Authorization": f"Bearer {raw}"})

    return ask


@pytest.fixture
def sold(shop):
    order = shop.order(6000)
    shop.order(4000)
    (line,) = shop.add(order, 1500)
    shop.refund(line, 500)
    shop.sweep()
    return shop


def test_s08_no_orders_is_200_with_nulls(shop, ask, at):
    response = ask(shop, PAGES[0])
    assert response.status_code == 200
    body = response.json()
    assert (body["from"], body["to"], body["currency"]) == ("2026-02-09", "2026-03-10", "USD")
    assert body["n"] == 0
    assert body["aov"] is body["pp_revenue_per_engaged_order"] is body["pp_revenue_change"] is None
    assert body["figures"]["pp_revenue"] == "0.00"
    for reading in body["metrics"].values():
        assert reading["value"] is reading["percent"] is reading["previous"] is reading["band"] is None
        assert reading["n"] == 0


def test_summary(sold, ask, at):
    body = ask(sold, PAGES[0]).json()
    assert body["figures"] == {
        "orders": 2,
        "engaged_orders": 1,
        "window_engaged_orders": 1,
        "self_service_orders": 0,
        "original_revenue": "100.00",
        "pp_revenue": "10.00",
        "pp_revenue_gross": "15.00",
    }
    assert (body["aov"], body["pp_revenue_per_engaged_order"]) == ("50.00", "10.00")
    assert body["metrics"]["ppcr"] == {
        "value": "0.500000",
        "percent": "50.00",
        "previous": None,
        "change": None,
        "band": "excellent",
        "cuts": [1, 4, 5],
        "n": 2,
    }
    assert body["metrics"]["ppov_all"]["percent"] == "10.00"
    assert body["metrics"]["ppov_all"]["band"] is body["metrics"]["ppov_all"]["cuts"] is None
    assert (body["metrics"]["ppov_engaged"]["percent"], body["metrics"]["ppov_engaged"]["n"]) == ("20.00", 1)
    assert body["as_of"] == "2026-03-10T12:00:00Z"


def test_daily_has_every_day_of_the_period(sold, ask):
    body = ask(sold, PAGES[1], **{"from": "2026-03-09", "to": "2026-03-11"}).json()
    assert [(day["date"], day["orders"], day["pp_revenue"]) for day in body["days"]] == [
        ("2026-03-09", 0, "0.00"),
        ("2026-03-10", 2, "10.00"),
        ("2026-03-11", 0, "0.00"),
    ]


def test_currency_and_channel_narrow(sold, ask):
    sold.order(9000, currency="JPY", rate="0.0067", channel="")
    sold.sweep()
    day = {"from": "2026-03-10", "to": "2026-03-10"}
    assert ask(sold, PAGES[0], **day, currency="JPY").json()["aov"] == "9000"
    assert ask(sold, PAGES[0], **day, channel="").json()["n"] == 1
    assert ask(sold, PAGES[0], **day, channel="web").json()["n"] == 2
    assert ask(sold, PAGES[0], **day).json()["n"] == 3


def test_a_key_sees_its_own_shop_only(sold, other_shop, ask):
    for path in PAGES:
        body = ask(other_shop, path, **{"from": "2026-03-10", "to": "2026-03-10"}).json()
        assert "10.00" not in str(body)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-03-10"}, "to"),
        ({"to": "2026-03-10"}, "from"),
        ({"from": "2026-03-10", "to": "2026-03-09"}, "to"),
        ({"from": "2024-01-01", "to": "2026-03-09"}, "to"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "from"),
        ({"from": "9999-12-31", "to": "9999-12-31"}, "from"),
        ({"from": "yesterday", "to": "2026-03-09"}, "from"),
        ({"currency": "XXQ"}, "currency"),
        ({"channel": "x" * 41}, "channel"),
        ({"channel": "\x00"}, "channel"),
        ({"chanel": "web"}, "chanel"),
    ],
)
def test_what_cannot_be_answered_is_named(shop, ask, path, query, field):
    response = ask(shop, path, **query)
    assert response.status_code == 422
    assert field in response.json()["errors"]


@pytest.mark.parametrize("path", PAGES)
def test_needs_a_key_with_the_scope(shop, ask, client, path):
    assert client.get(path).status_code == 401
    refused = ask(shop, path, scopes=["orders:read"])
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
