"""Commands that talk to a running web server: arrivals, addresses, replay."""

import io
import re
import urllib.request
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from core.tenancy import tenant_scope
from devtools.api_client import ApiClient, Refused, Unreachable
from devtools.demo.shops import HARROW_PINE, KETTLE_FERN
from devtools.demo.spec import History
from devtools.demo_keys import demo_key
from devtools.saved_cards import ASKS_BANK, DECLINES, GOOD, LiveKey, SavedCards
from devtools.seed.shop import catalogue_seed, merchant_for
from devtools.stripe.cards import CARDS
from merchants.models import ApiKey, Merchant
from orders.models import EditWindow, Order, Product, Variant
from tests.devtools.test_online_retail import HEADER, LINES, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(live_server, settings, stripe_server):
    settings.PUBLIC_URL = live_server.url
    settings.STRIPE_API_BASE, settings.STRIPE_API_KEY = stripe_server.url, stripe_server.api_key
    return live_server.url


@pytest.fixture
def shop(web):
    for demo in (HARROW_PINE, KETTLE_FERN):
        merchant = merchant_for(demo)
        with tenant_scope(merchant.pk):
            catalogue_seed(demo, History(demo, (), ()))
    return Merchant.objects.get(slug=HARROW_PINE.slug)


def said(name, *words):
    out = io.StringIO()
    call_command(name, *words, stdout=out, stderr=out)
    return out.getvalue()


def test_fresh_order_arrives_paid_with_an_open_window_and_a_saved_card(shop):
    assert "came in" in said("demo_arrivals", "--count", "2", "--every", "0.01")
    with tenant_scope(shop.pk):
        first, second = Order.objects.order_by("number")
        for order in (first, second):
            tender = order.tenders.get()
            assert order.window.state == EditWindow.State.OPEN
            assert tender.provider_customer.startswith("cus_")
            assert tender.captured_minor == order.total_minor
            assert all(line.variant_id for line in order.lines.all())
        assert int(second.external_id) == int(first.external_id) + 1


def test_arrivals_outlive_an_api_that_refuses(shop, settings):
    settings.STRIPE_API_BASE = f"{settings.PUBLIC_URL}/nothing-here"
    assert "No order this time" in said("demo_arrivals", "--count", "1")


def test_addresses_lead_to_pages_for_every_way_a_card_can_go(shop):
    text = said("demo_addresses")
    links = re.findall(r"http\S+/l/\S+", text)
    assert len(links) == 3
    for link in links:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert b"still add to it" in opener.open(link).read()
    with tenant_scope(shop.pk):
        assert set(Order.objects.values_list("tenders__last4", flat=True)) == {
            CARDS[c].number[-4:] for c in (GOOD, DECLINES, ASKS_BANK)
        }
    key = re.search(r"sk_\S+", text)[0]
    assert ApiClient(re.search(r"http://[^/]+", text)[0], key).get("/orders")["results"]


def test_addresses_use_open_orders_that_are_there_and_issue_the_key_anew(shop):
    said("demo_addresses")
    said("demo_addresses")
    with tenant_scope(shop.pk):
        assert Order.objects.count() == 3
        assert ApiKey.objects.filter(name="Demo").count() == 2
        assert ApiKey.objects.filter(name="Demo", revoked_at=None).count() == 1


@pytest.mark.parametrize("name", ["demo_addresses", "demo_arrivals"])
def test_without_a_shop_the_commands_say_so(web, name):
    with pytest.raises(CommandError, match="seed_demo"):
        said(name)


@pytest.fixture
def file(tmp_path):
    return write(tmp_path, f"{HEADER}\n{LINES}", "day.csv.gz")


def replay(file, *words):
    return said("replay_orders", str(file), "--day", "2011-03-01", "--speed", "1000000", *words)


def test_replayed_day_is_live_orders_with_the_files_totals(web, file):
    started = datetime.now(UTC)
    text = replay(file)
    merchant = Merchant.objects.get(slug="online-retail")
    with tenant_scope(merchant.pk):
        totals = {order.number: Decimal(order.total_minor) / 100 for order in Order.objects.all()}
        assert totals == {
            "101": Decimal("48.60"),
            "102": Decimal("3.70"),
            "106": Decimal("37.40"),
            "107": Decimal("1.00"),
            "108": Decimal("30.00"),
        }
        assert EditWindow.objects.filter(state=EditWindow.State.OPEN).count() == 5
        for order in Order.objects.select_related("customer"):
            assert started - timedelta(seconds=5) < order.placed_at < datetime.now(UTC) + timedelta(seconds=5)
            assert bool(order.tenders.get().provider_payment_method) == (order.customer is not None)
        assert Product.objects.filter(status="active").count() == 4
        assert Product.objects.get(status="archived").external_id == "22111"
        assert Variant.objects.get(external_id="22797").price_minor == 1695
    assert "5 created" in text
    assert re.search(r"Sum posted\s+120\.70\b", text)
    assert re.search(r"Sum in the file\s+-989\.06\b", text)
    for words in ("C103 22633", "A109 B", "104 22797 -15", "107 PADS", "105 22111"):
        assert words in text


def test_link_of_a_replayed_order_opens(web, file):
    link = re.search(r"http\S+/l/\S+", replay(file))[0]
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    assert b"still add to it" in opener.open(link).read()


def test_replaying_again_knows_the_orders_and_a_label_makes_new_ones(web, file):
    replay(file)
    assert "0 created, 5 already there" in replay(file)
    assert "5 created" in replay(file, "--label", "b")
    with tenant_scope(Merchant.objects.get(slug="online-retail").pk):
        assert Order.objects.count() == 10


def test_file_times_keep_the_day_in_its_zone_and_open_nothing(web, file):
    replay(file, "--file-times", "--zone", "Europe/Helsinki")
    with tenant_scope(Merchant.objects.get(slug="online-retail").pk):
        assert Order.objects.get(number="101").placed_at == datetime(2011, 3, 1, 6, 26, tzinfo=UTC)
        assert not EditWindow.objects.exists()


def test_pace_is_that_of_the_day_divided_by_speed(web, file):
    """Five hours at speed 12,000 are 1.3 seconds."""
    started = datetime.now(UTC)
    said("replay_orders", str(file), "--day", "2011-03-01", "--speed", "12000")
    with tenant_scope(Merchant.objects.get(slug="online-retail").pk):
        times = dict(Order.objects.values_list("number", "placed_at"))
    assert (times["108"] - times["102"]).total_seconds() == pytest.approx(260 * 60 / 12000, abs=0.01)
    assert datetime.now(UTC) - started > timedelta(seconds=1.3)


def test_shop_in_another_currency_takes_a_rate(shop, file):
    with pytest.raises(SystemExit):
        replay(file, "--merchant", HARROW_PINE.slug)
    with tenant_scope(shop.pk):
        assert not Order.objects.exists()
    replay(file, "--merchant", HARROW_PINE.slug, "--fx-rate", "1.27")
    with tenant_scope(shop.pk):
        assert set(Order.objects.values_list("currency", "fx_rate")) == {("GBP", Decimal("1.27"))}


def test_key_and_base_need_no_shop_here(shop, file):
    with tenant_scope(shop.pk):
        key = demo_key(shop.pk, "Mine")
    replay(file, "--key", key, "--fx-rate", "1.27")
    assert not Merchant.objects.filter(slug="online-retail").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--day", "2012-01-01"], "no line of 2012-01-01"),
        (["--speed", "0"], "above zero"),
        (["--merchant", "nobody"], "no shop nobody"),
        (["--file-times", "--zone", "Mars/Crater"], "Mars/Crater"),
        (["--key", "sk_wrong"], "401"),
    ],
)
def test_mistakes_are_explained(web, file, words, message):
    with pytest.raises(CommandError, match=message):
        replay(file, *words)


def test_missing_file_is_explained(web, tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        replay(tmp_path / "none.csv")


def test_client_waits_for_a_server_that_is_away_and_gives_up_in_the_end():
    waits = []
    with pytest.raises(Unreachable):
        ApiClient("http://127.0.0.1:9", "key", patience=3, wait=waits.append).get("/orders")
    assert waits == sorted(waits)
    assert 2 < sum(waits) <= 3


def test_client_tells_what_the_api_refuses(web, shop):
    with tenant_scope(shop.pk):
        key = demo_key(shop.pk, "Mine")
    with pytest.raises(Refused, match=r"422 .*total"):
        ApiClient(web, key).post("/orders", {"external_id": "1"})


def test_live_key_of_stripe_is_refused():
    with pytest.raises(LiveKey):
        SavedCards("", "sk_live_123")
