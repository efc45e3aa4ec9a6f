"""The operators' site in real Chromium: accessible in light and dark on a phone and on a desk."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.alerts import alert_raise
from devtools.launcher.stack import Stack
from merchants.models import Merchant
from merchants.services.exports import export_request
from tests.browser.test_admin_pages import PASSWORD, assert_accessible
from tests.factories import UserFactory
from tests.tenancy.rows import one_of_everything

__all__ = ["assert_accessible"]
pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def desk(stack: Stack, shop: Merchant, tab: Any) -> Page:
    """An operator at the front page, who signed in through the form; the shop is full."""
    one_of_everything()
    operator: Any = UserFactory(email=f"op-{shop.slug}@pro.example", name="Olga Operator", is_operator=True)
    operator.set_password(PASSWORD)
    operator.save()
    alert_raise("import", shop.slug, "An import does not add up.")
    export_request(merchant_id=shop.pk, by=operator)
    page: Page = tab()
    page.goto(f"{stack.url}/platform/")
    page.get_by_label("Email").fill(operator.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/platform/")
    return page


def test_every_page_is_accessible(desk: Page, stack: Stack, shop: Merchant, assert_accessible: Any) -> None:
    merchants = "merchants/merchant/"
    for path in ("", "server/", merchants, f"{merchants}add/", f"{merchants}{shop.pk}/change/", "core/outboxevent/"):
        desk.goto(f"{stack.url}/platform/{path}")
        assert_accessible(desk)


def test_a_merchant_is_closed_and_kept(desk: Page, stack: Stack, shop: Merchant, assert_accessible: Any) -> None:
    desk.goto(f"{stack.url}/platform/merchants/merchant/?q={shop.slug}")
    desk.get_by_role("link", name=shop.slug).click()
    desk.get_by_role("link", name="Delete", exact=True).click()
    assert_accessible(desk)
    desk.get_by_label("Address").fill(shop.slug)
    desk.get_by_role("button", name="Close now and delete later").click()
    expect(desk.get_by_text("Until then you can keep it.")).to_be_visible()
    desk.get_by_role("button", name="Keep it").click()
    expect(desk.get_by_text("is kept and open again")).to_be_visible()
