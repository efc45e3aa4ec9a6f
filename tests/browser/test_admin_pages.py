"""The admin in real Chromium: accessible in light and dark on a phone and on a desk, and usable without scripts."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from connectors.models import ImportRun
from core import clock
from devtools.launcher.stack import Stack
from merchants.models import Membership, Merchant
from metrics.models import MetricDay
from metrics.rules import local_date
from orders.models import Customer, EditWindow
from tests.browser.conftest import AXE, AXE_OPTIONS, DESKTOP, LOOKS, PHONE
from tests.factories import UserFactory
from tests.tenancy.rows import one_of_everything

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PASSWORD = "a-long-password"


class Desk:
    """A member of staff at a shop that has one of everything."""

    def __init__(self, page: Page, stack: Stack, merchant: Merchant) -> None:
        self.page = page
        self.base = f"{stack.url}/m/{merchant.slug}"
        self.merchant = merchant
        with transaction.atomic():  # the worker must not see half of it
            self.rows = one_of_everything(currency=merchant.currency)
        user: Any = UserFactory(email=f"ines@{merchant.slug}.example", name="Ines Duarte")
        user.set_password(PASSWORD)
        user.save()
        Membership.objects.create(user=user, role="owner")
        self.email = user.email

    def sign_in(self, path: str = "") -> None:
        self.go(path)
        self.page.get_by_label("Email").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/admin/**")

    def go(self, path: str = "") -> None:
        self.page.goto(f"{self.base}/admin/{path}")

    def figures(self) -> None:
        """A day in this period and one in the period before, so that the chart has two lines."""
        today = local_date(clock.now(), self.merchant.time_zone)
        amounts = {"original_minor": 50_000, "pp_gross_minor": 9_000, "pp_refunded_minor": 0}
        for days, orders in ((3, 40), (33, 20)):
            MetricDay.objects.create(
                local_date=today.fromordinal(today.toordinal() - days),
                currency=self.merchant.currency,
                channel="web",
                orders=orders,
                engaged_orders=2,
                window_engaged_orders=2,
                self_service_orders=0,
                engaged_original_minor=5_000,
                home_engaged_original_minor=5_000,
                computed_at=clock.now(),
                **amounts,
                **{f"home_{name}": amount for name, amount in amounts.items()},
            )


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """As for the portal, but axe does not read the style sheets: for Django's `@import` it would write an inline style,
    which our policy blocks."""

    def check(page: Page) -> None:
        page.evaluate(AXE)
        for width, theme in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # colours change at once
            found = page.evaluate("options => axe.run(document, options)", {**AXE_OPTIONS, "preload": False})
            problems = [f"{v['id']}: {[node['html'] for node in v['nodes']]}" for v in found["violations"]]
            assert problems == [], f"{width} px, {theme}"
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"the page scrolls sideways at {width} px"

    return check


@pytest.fixture
def desk(shop: Merchant, stack: Stack, tab: Callable[..., Page]) -> Callable[..., Desk]:
    return lambda width=DESKTOP, **how: Desk(tab(width, **how), stack, shop)


def _index(desk: Desk) -> None:
    desk.figures()
    desk.go()
    expect(desk.page.get_by_role("heading", name="earned after checkout")).to_be_visible()


def _orders(desk: Desk) -> None:
    desk.go("orders/order/")


def _no_orders(desk: Desk) -> None:
    desk.go("orders/order/?q=nothing-like-it")
    expect(desk.page.get_by_text("Nothing matches.")).to_be_visible()


def _order(desk: Desk) -> None:
    desk.go(f"orders/order/{desk.rows['orders.Order'].pk}/change/")


def _settings(desk: Desk) -> None:
    desk.go("merchants/merchant/")


def _settings_in_error(desk: Desk) -> None:
    desk.go("merchants/merchant/")
    desk.page.get_by_label("Window length").fill("5")
    desk.page.get_by_label("Cut-off times").fill("noon")
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.page.get_by_role("alert")).to_contain_text("Nothing was saved")


def _product(desk: Desk) -> None:
    desk.go(f"orders/product/{desk.rows['orders.Product'].pk}/change/")


def _new_key(desk: Desk) -> None:
    desk.go("merchants/apikey/add/")
    desk.page.get_by_label("Name").fill("Warehouse")
    desk.page.get_by_label("Read orders").check()
    desk.page.get_by_role("button", name="Issue key").click()
    expect(desk.page.get_by_role("heading", name="Copy the new key now")).to_be_visible()


def _audit(desk: Desk) -> None:
    desk.go("merchants/auditentry/")


def _message(desk: Desk) -> None:
    desk.go(f"messaging/message/{desk.rows['messaging.Message'].pk}/change/")


def _imports(desk: Desk) -> None:
    _uploaded(desk, "queued", items_total=100, items_done=40)
    desk.go("connectors/importrun/")
    expect(desk.page.get_by_role("progressbar")).to_be_visible()


def _upload_in_error(desk: Desk) -> None:
    desk.go("connectors/importrun/add/")
    desk.page.get_by_role("button", name="Read the file").click()
    expect(desk.page.get_by_role("alert")).to_contain_text("Nothing was imported")


def _import_preview(desk: Desk) -> None:
    shown = {
        "columns": ["Order", "Placed", "Customer", "Items", "Shipping", "Tax", "Total", "Refunded"],
        "rows": [["1001", "Mar 1, 2026, 10:00", "Mara", "1 × Kiln tray", "$0.00", "$2.00", "$26.00", ""]] * 3,
        "faults": [{"line": 5, "column": "Qty", "message": "'two' is not a number."}],
    }
    run = _uploaded(desk, "previewed", preview=json.dumps(shown))
    desk.go(f"connectors/importrun/{run.pk}/change/")
    expect(desk.page.get_by_role("heading", name="As they would be stored")).to_be_visible()


def _import_refused(desk: Desk) -> None:
    run = _uploaded(desk, "failed", error="A quote is never closed.", error_line=12, error_column="Title")
    desk.go(f"connectors/importrun/{run.pk}/change/")
    expect(desk.page.get_by_role("heading", name="This file was not imported")).to_be_visible()


def _import_done(desk: Desk) -> None:
    desk.go(f"connectors/importrun/{desk.rows['connectors.ImportRun'].pk}/change/")
    expect(desk.page.get_by_text("Adds up")).to_be_visible()


def _import_profile(desk: Desk) -> None:
    desk.go("connectors/importprofile/")
    desk.page.get_by_role("link", name="Online Retail").click()
    desk.page.get_by_label("Time zone").fill("Mars")
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.page.get_by_role("alert")).to_contain_text("Nothing was saved")


def _uploaded(desk: Desk, state: str, **values: Any) -> ImportRun:
    """Not an upload, so that the worker of this stack leaves it alone."""
    return ImportRun.objects.create(
        kind="orders",
        profile_name="my_orders",
        profile_settings={},
        is_upload=False,
        file_name="orders.csv",
        sha256="0" * 64,
        size=4_000_000,
        state=state,
        counts={"lines": {"in": 4, "imported": 3, "reported": 1}, "orders": {"expected": 3}},
        sums={"USD": {"in": "78.00", "imported": "78.00"}},
        **values,
    )


def _second_step(desk: Desk) -> None:
    desk.page.goto(f"{desk.base}/accounts/2fa/")


@pytest.mark.parametrize(
    "visit",
    [
        _index,
        _orders,
        _no_orders,
        _order,
        _settings,
        _settings_in_error,
        _product,
        _new_key,
        _audit,
        _message,
        _imports,
        _upload_in_error,
        _import_preview,
        _import_refused,
        _import_done,
        _import_profile,
        _second_step,
    ],
    ids=lambda visit: visit.__name__.strip("_"),
)
def test_accessible(desk: Callable[..., Desk], assert_accessible: Callable[[Page], None], visit) -> None:
    ines = desk()
    ines.sign_in()
    visit(ines)
    assert_accessible(ines.page)


def test_sign_in_is_accessible(desk: Callable[..., Desk], assert_accessible: Callable[[Page], None]) -> None:
    ines = desk()
    ines.go()
    assert_accessible(ines.page)
    ines.page.get_by_label("Email").fill(ines.email)
    ines.page.get_by_label("Password").fill("wrong")
    ines.page.get_by_role("button", name="Sign in").click()
    expect(ines.page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(ines.page).to_have_title("Error: Sign in | Harrow & Pine | PRO")
    assert_accessible(ines.page)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_from_sign_in_to_a_closed_window(desk: Callable[..., Desk], width: int, scripts: bool) -> None:
    ines = desk(width, scripts=scripts)
    page = ines.page
    order: Any = ines.rows["orders.Order"]
    ines.sign_in("orders/order/?window=open")
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    page.get_by_label("Find", exact=True).fill(order.number)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=order.number).click()
    expect(page.get_by_role("heading", name=f"Order {order.number}")).to_be_visible()
    page.get_by_role("button", name="Extend by 1 hour").click()
    expect(page.get_by_text("The window now closes at")).to_be_visible()
    page.get_by_role("button", name="Close now").click()
    expect(page.get_by_text("The window is closed.")).to_be_visible()
    # An edit is under way on this order, so the window waits for it.
    assert EditWindow.objects.get(order=order).state == "closing"
    expect(page.get_by_role("button", name="Close now")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_file_comes_in(desk: Callable[..., Desk], scripts: bool) -> None:
    """Worker and beat do the work, and the page moves on by itself."""
    ines = desk(scripts=scripts)
    page = ines.page
    ines.sign_in("connectors/importrun/add/")
    page.get_by_label("What is in the file?").select_option(label="PRO customers")
    rows = "external_id,email,first_name\nc-1,ada@mail.example,Ada\nc-2,not an address,Bob\n"
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "customers.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("button", name="Start import")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("cell", name="ada@mail.example")).to_be_visible()
    page.get_by_role("button", name="Start import").click()
    expect(page.get_by_role("button", name="Download report")).to_be_visible(timeout=30_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download report").click()
    assert "Reconciliation" in download.value.path().read_text()
    assert Customer.objects.filter(first_name="Ada").exists()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_filters_and_menu_on_a_phone(desk: Callable[..., Desk], scripts: bool) -> None:
    ines = desk(PHONE, scripts=scripts)
    page = ines.page
    ines.sign_in()
    page.get_by_text("Menu", exact=True).click()
    page.locator(".pro-menu").get_by_role("link", name="Orders", exact=True).click()
    page.get_by_text("Window: all").click()
    page.get_by_role("link", name="Open", exact=True).click()
    expect(page.get_by_text("Window: open")).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.get_by_text("Window: all")).to_be_visible()


def test_open_filter_closes_by_escape_and_by_a_click_elsewhere(desk: Callable[..., Desk]) -> None:
    ines = desk()
    page = ines.page
    ines.sign_in("orders/order/")
    option = page.get_by_role("link", name="Closes within the hour")
    page.get_by_text("Window: all").click()
    expect(option).to_be_visible()
    page.keyboard.press("Escape")
    expect(option).to_be_hidden()
    page.get_by_text("Window: all").click()
    page.get_by_role("heading", name="Orders").click()
    expect(option).to_be_hidden()


def test_brand_colour_shows_before_it_is_saved(desk: Callable[..., Desk]) -> None:
    ines = desk()
    page = ines.page
    ines.sign_in("merchants/merchant/")
    page.get_by_label("Brand colour").fill("#ffee00")
    button = page.locator(".pro-preview .fill").first
    expect(button).to_have_attribute("fill", "#ffee00")
    expect(page.locator(".pro-preview .on").first).to_have_attribute("fill", "#000000")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your changes are saved.")).to_be_visible()
    expect(page.locator(".pro-preview .fill").first).to_have_attribute("fill", "#ffee00")


def test_theme_switch(desk: Callable[..., Desk]) -> None:
    ines = desk()
    page = ines.page
    ines.sign_in()
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(245, 245, 242)"
    page.get_by_role("button", name="Toggle theme").click()
    page.get_by_role("button", name="Toggle theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") in ("dark", "light")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(background) == "rgb(18, 20, 19)"
