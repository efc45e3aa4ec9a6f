"""Erasing a shopper and the cards that were taken over, in real Chromium."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_admin_pages import Desk, assert_accessible, desk

__all__ = ["assert_accessible", "desk"]
pytestmark = [pytest.mark.browser, pytest.mark.processes]


def customer_page(ines: Desk) -> None:
    ines.go(f"orders/customer/{ines.rows['orders.Customer'].pk}/change/")


def settle(ines: Desk) -> None:
    """Nothing of theirs is under way any more, and no file is kept that cannot be read."""
    rows: Any = ines.rows
    rows["editing.EditSession"].state = "applied"
    rows["editing.EditSession"].save()
    rows["payments.PaymentIntentRecord"].status = "cancelled"
    rows["payments.PaymentIntentRecord"].save()
    rows["core.StoredFilePart"].delete()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_shopper_is_erased(desk: Callable[..., Desk], assert_accessible: Callable[[Page], None], width: int) -> None:
    ines = desk(width, scripts=width == DESKTOP)
    page = ines.page
    settle(ines)
    name = str(ines.rows["orders.Customer"])
    ines.sign_in(f"orders/customer/{ines.rows['orders.Customer'].pk}/change/")
    page.get_by_role("button", name="Erase…").click()
    expect(page.get_by_role("heading", name="Erase this customer")).to_be_visible()
    page.get_by_label("Type ERASE to confirm").fill("erase")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was erased")
    if width == DESKTOP:
        assert_accessible(page)
        page.set_viewport_size({"width": width, "height": 800})
    page.get_by_label("Why").select_option("The data is no longer needed")
    page.get_by_label("Type ERASE to confirm").fill("ERASE")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("heading", name="This customer is erased")).to_be_visible()
    expect(page.get_by_text(name)).to_have_count(0)
    if width == DESKTOP:
        assert_accessible(page)


def test_the_zip_is_downloaded(desk: Callable[..., Desk]) -> None:
    ines = desk()
    ines.rows["core.StoredFilePart"].delete()
    ines.sign_in(f"orders/customer/{ines.rows['orders.Customer'].pk}/change/")
    with ines.page.expect_download() as download:
        ines.page.get_by_role("button", name="Export data").click()
    assert download.value.suggested_filename == f"customer-{ines.rows['orders.Customer'].pk}.zip"


@pytest.mark.parametrize("visit", ["list", "card", "customer"])
def test_accessible(desk: Callable[..., Desk], assert_accessible: Callable[[Page], None], visit: str) -> None:
    ines = desk()
    ines.sign_in()
    if visit == "customer":
        customer_page(ines)
    elif visit == "card":
        ines.go(f"giftcards/openingbalance/{ines.rows['giftcards.OpeningBalance'].pk}/change/")
    else:
        ines.go("giftcards/openingbalance/")
        expect(ines.page.get_by_text("Still owed: $25.00 on 1 card.")).to_be_visible()
    assert_accessible(ines.page)
