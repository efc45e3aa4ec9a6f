"""The import commands: what they print, what they refuse, and that each kind arrives."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from connectors.models import ImportRun
from connectors.services.lease import LEASE
from core import clock
from core.tenancy import tenant_scope
from giftcards.models import OpeningBalance
from merchants.models import Merchant
from messaging.selectors import suppression_reasons
from orders.models import Customer, Order, Product
from tests.connectors.import_files import everything, orders_csv, till_profile

pytestmark = pytest.mark.django_db

CUSTOMERS = (
    "external_id,email,first_name,accepts_marketing,consented_at,consent_source,suppressed\n"
    "c-1,ada@mail.example,Ada,true,2024-05-01T10:00:00Z,checkout,\n"
    "c-2,bob@mail.example,Bob,false,,,unsubscribed\n"
    "c-3,eve@mail.example,Eve,perhaps,,,\n"
)
PRODUCTS = (
    "external_id,title,variant_external_id,variant_sku,variant_price,variant_currency\n"
    "p-1,Kiln tray,v-1,TRAY-S,24.00,USD\n"
    "p-1,Kiln tray,v-2,TRAY-L,36.00,USD\n"
    "p-2,Mug,v-3,MUG,twelve,USD\n"
)
GIFT_CARDS = "code,currency,balance,expires_at\nABCD-EFGH-JKLM,USD,25.00,\nABCD-EFGH-JKLN,USD,-1.00,\n"


@pytest.fixture
def shop(merchant: Merchant) -> Merchant:
    with tenant_scope(merchant.pk):
        till_profile()
    return merchant


def run(
    kind: str,
    folder: Path,
    data: str | bytes,
    *,
    profile: str = "till",
    out: io.StringIO | None = None,
    **options: object,
) -> str:
    file = folder / f"{kind}.csv"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    out = out or io.StringIO()
    call_command(f"import_{kind}", str(file), merchant="harrow", profile=profile, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_orders(shop, tmp_path):
    report = tmp_path / "report.csv"
    told = run("orders", tmp_path, orders_csv(), report=report)
    assert "orders: 3 created" in told
    assert "Lines: 6 in = 4 imported + 2 reported, difference 0" in told
    assert told.endswith("Done.\n")
    assert "credit_unmatched" in report.read_text()
    with tenant_scope(shop.pk):
        assert Order.objects.count() == 3
    assert "orders: 3 unchanged" in run("orders", tmp_path, orders_csv())


def test_a_dry_run_shows_what_would_be_and_stores_nothing(shop, tmp_path):
    with tenant_scope(shop.pk):
        before = everything()
    told = run("orders", tmp_path, orders_csv(), dry_run=True)
    assert "1000 | Feb 1, 2025, 10:00" in told
    assert "line 7, column Qty:" in told
    assert told.endswith("Nothing was stored.\n")
    with tenant_scope(shop.pk):
        assert everything() == before
        assert not ImportRun.objects.exists()


def test_customers_with_consent_and_suppression(shop, tmp_path):
    told = run("customers", tmp_path, CUSTOMERS, profile="pro_customers")
    assert "customers: 2 created" in told
    assert "Lines: 3 in = 2 imported + 1 reported, difference 0" in told
    with tenant_scope(shop.pk):
        ada = Customer.objects.get(external_id="c-1")
        assert (ada.accepts_marketing, ada.consent_source) == (True, "checkout")
        assert suppression_reasons("email", ["bob@mail.example", "ada@mail.example"]) == {
            "bob@mail.example": "unsubscribed"
        }


def test_products(shop, tmp_path):
    told = run("products", tmp_path, PRODUCTS, profile="pro_products")
    assert "products: 1 created" in told
    with tenant_scope(shop.pk):
        assert Product.objects.get().variants.count() == 2


def test_gift_cards(shop, tmp_path):
    told = run("gift_cards", tmp_path, GIFT_CARDS, profile="gift_card_balances")
    assert "Lines: 2 in = 1 imported + 1 reported, difference 0" in told
    assert "Sum in USD: 24.00 in = 25.00 imported + -1.00 reported, difference 0.00" in told
    with tenant_scope(shop.pk):
        assert OpeningBalance.objects.get().balance_minor == 2500


def test_zone_and_currency_of_the_command_go_before_the_profile(shop, tmp_path):
    run("orders", tmp_path, orders_csv(odd=""), zone="Asia/Tokyo", currency="JPY")
    with tenant_scope(shop.pk):
        note = ImportRun.objects.get().notes.first()
        assert note is not None
        assert "rate" in note.message, "the order came in another currency, without a rate"
        assert ImportRun.objects.get().profile_settings["time_zone"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"profile": "nothing"},
            "There is no import profile “nothing” for orders. There are: online_retail, pro_orders",
        ),
        ({"profile": "pro_customers"}, "There is no import profile “pro_customers” for orders"),
        ({"zone": "Mars/Base"}, "There is no time zone"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(shop, tmp_path, options, told):
    with pytest.raises(CommandError, match=told):
        run("orders", tmp_path, orders_csv(), **options)
    with tenant_scope(shop.pk):
        assert not ImportRun.objects.exists()


def test_a_refused_file_names_line_and_column(shop, tmp_path):
    with pytest.raises(CommandError, match=r"^Line 1: These columns are missing"):
        run("orders", tmp_path, b"Nothing,that,fits\n1,2,3\n")
    with tenant_scope(shop.pk):
        assert ImportRun.objects.get().state == "failed"
        assert not Order.objects.exists()


def test_no_file_and_no_shop(shop, tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_orders", str(tmp_path / "none.csv"), merchant="harrow", profile="till")
    with pytest.raises(CommandError, match="There is no shop named nobody"):
        call_command("import_orders", "x", merchant="nobody", profile="till")


def held_elsewhere(until: timedelta) -> None:
    ImportRun.objects.update(
        state="running", lease_owner="elsewhere/1/x", lease_until=clock.now() + until, finished_at=None
    )


def test_an_import_that_another_process_goes_on_with_is_left_alone(shop, tmp_path):
    said = Said(lambda: held_elsewhere(2 * LEASE))
    with tenant_scope(shop.pk):
        run("orders", tmp_path, orders_csv())
        held_elsewhere(LEASE)
    with pytest.raises(CommandError, match="Another process is importing this file now"):
        run("orders", tmp_path, orders_csv(), out=said)
    assert "Waiting until" in said.getvalue()


def test_an_import_whose_process_died_elsewhere_is_gone_on_with_when_its_lease_has_run_out(shop, tmp_path):
    with tenant_scope(shop.pk):
        run("orders", tmp_path, orders_csv())
        held_elsewhere(timedelta(seconds=0.3))
    assert "Done." in run("orders", tmp_path, orders_csv())


class Said(io.StringIO):
    """What a command says; `on_wait` happens when it says that it waits."""

    def __init__(self, on_wait: Callable[[], None]) -> None:
        super().__init__()
        self._on_wait = on_wait

    def write(self, text: str) -> int:
        if "Waiting" in text:
            self._on_wait()
        return super().write(text)
