"""Each page of the portal in each of its states: accessible in light and dark, on a phone and on a desk."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import clock
from core.ids import uuid7
from devtools.launcher.stack import Stack
from editing.models import EditSession, SagaStep
from editing.services.drafts import edit_operation_set, edit_session_open, quote_current
from merchants.models import Merchant
from orders.models import EditWindow, Order, Variant
from orders.services.revisions import Actor
from portal.models import PortalLink
from portal.services.links import portal_link_create
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import ProductFactory, VariantFactory, paid_order

pytestmark = [pytest.mark.browser, pytest.mark.processes]


class Visitor:
    """A tab that came in by the link of a paid order."""

    def __init__(self, page: Page, stack: Stack, merchant: Merchant) -> None:
        self.page, self.base = page, f"{stack.url}/m/{merchant.slug}"
        self.order = paid_order(number="HP-20481")
        link = portal_link_create(order_id=self.order.pk)
        self.page.goto(f"{self.base}/l/{link.token}/")
        self.actor = Actor("shopper", str(link.link.pk))

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base}/{path}")

    def go_order(self, path: str = "") -> None:
        self.go(f"o/{self.order.pk}/{path}")

    def change(self, state: str, *done: str, **more: object) -> EditSession:
        """A confirmed change that stands in `state`."""
        session = edit_session_open(order_id=self.order.pk, actor=self.actor)
        edit_operation_set(session_id=session.pk, variant_id=Variant.objects.get(title="Sage").pk, quantity=2)
        quote_current(session_id=session.pk)
        for position, name in enumerate(("reserve", "authorise", "apply", "capture")):
            step = "done" if name in done else "waiting"
            SagaStep.objects.create(session=session, position=position, name=name, state=step)
        in_a_while = clock.now() + timedelta(hours=1)
        values = {"state": state, "deadline_at": in_a_while, "next_drive_at": in_a_while, **more}
        EditSession.objects.filter(pk=session.pk).update(**values)
        return session


@pytest.fixture
def visit(shop: Merchant, stack: Stack, tab: Callable[..., Page]) -> Callable[..., Visitor]:
    VariantFactory(product=ProductFactory(title="Kiln tray"), title="Sage")
    VariantFactory(product=ProductFactory(title="Fieldstone mug"), title="Oat", stock_quantity=0)

    def make(width: int = DESKTOP, *, scripts: bool = True) -> Visitor:
        return Visitor(tab(width, scripts=scripts), stack, shop)

    return make


def _order_open(v: Visitor) -> None:
    v.go_order()


def _order_closed(v: Visitor) -> None:
    EditWindow.objects.update(state="released", closed_at=clock.now(), close_reason="elapsed")
    v.go_order()


def _order_preempted(v: Visitor) -> None:
    EditWindow.objects.update(state="preempted", closed_at=clock.now(), close_reason="fulfilment_started")
    v.go_order()


def _order_delivered(v: Visitor) -> None:
    Order.objects.update(fulfilment_started_at=clock.now(), fulfilled_at=clock.now(), delivered_at=clock.now())
    v.go_order()


def _order_cancelled(v: Visitor) -> None:
    Order.objects.update(status="cancelled", cancelled_at=clock.now())
    v.go_order()


def _order_while_changing(v: Visitor) -> None:
    v.change("committing")
    v.go_order()


def _order_changed(v: Visitor) -> None:
    session = v.change("applied", "reserve", "authorise", "apply", "capture")
    v.go_order(f"?changed={session.pk}")


def _edit_empty(v: Visitor) -> None:
    v.go_order("edit/")


def _edit_filled(v: Visitor) -> None:
    v.go_order("edit/")
    v.page.get_by_role("button", name="Add Kiln tray").click()
    expect(v.page.get_by_role("button", name="Confirm and pay")).to_be_visible()


def _edit_nothing_found(v: Visitor) -> None:
    v.go_order("edit/?q=zzz")


def _edit_refused(v: Visitor) -> None:
    _edit_filled(v)
    v.page.evaluate("document.querySelector('input[name=due]').value = 1")
    v.page.get_by_role("button", name="Confirm and pay").click()


def _change_working(v: Visitor) -> None:
    v.go_order(f"edit/{v.change('committing', 'reserve').pk}/")


def _change_bank(v: Visitor) -> None:
    v.go_order(f"edit/{v.change('awaiting_customer', 'reserve').pk}/")


def _change_declined(v: Visitor) -> None:
    v.go_order(f"edit/{v.change('declined', 'reserve', failure_code='card_declined').pk}/")


def _change_sold_out(v: Visitor) -> None:
    v.go_order(f"edit/{v.change('failed', failure_code='sold_out', failure_message='Kiln tray is sold out.').pk}/")


def _change_expired(v: Visitor) -> None:
    v.go_order(f"edit/{v.change('expired', 'reserve').pk}/")


def _change_with_a_person(v: Visitor) -> None:
    v.go_order(f"edit/{v.change('manual_review', 'reserve', 'authorise', 'apply').pk}/")


def _find(v: Visitor) -> None:
    v.go("find/")


def _find_wrong(v: Visitor) -> None:
    v.go("find/")
    v.page.get_by_role("button", name="Mail me the link").click()


def _find_sent(v: Visitor) -> None:
    v.go("find/")
    v.page.get_by_label("Email address").fill("nobody@mail.example")
    v.page.get_by_label("Order number").fill("HP-1")
    v.page.get_by_role("button", name="Mail me the link").click()


def _link_expired(v: Visitor) -> None:
    v.go(f"o/{uuid7()}/")


def _suspended(v: Visitor) -> None:
    Merchant.objects.filter(pk=v.order.merchant_id).update(is_suspended=True)
    v.go_order()


def _not_found(v: Visitor) -> None:
    v.go("nothing/here")


PAGES: list[tuple[Callable[[Visitor], None], str]] = [
    (_order_open, "Your order is in, and you can still add to it"),
    (_order_closed, "We are packing your order"),
    (_order_preempted, "We are packing your order"),
    (_order_delivered, "Your order has arrived"),
    (_order_cancelled, "This order was cancelled"),
    (_order_while_changing, "Your order is in, and you can still add to it"),
    (_order_changed, "Your order is in, and you can still add to it"),
    (_edit_empty, "Add to your order"),
    (_edit_filled, "Add to your order"),
    (_edit_nothing_found, "Add to your order"),
    (_edit_refused, "Add to your order"),
    (_change_working, "We are changing your order"),
    (_change_bank, "Your bank wants to check it is you"),
    (_change_declined, "Your card was declined, and nothing was charged"),
    (_change_sold_out, "We could not change your order"),
    (_change_expired, "The bank check ran out of time"),
    (_change_with_a_person, "One of us is looking at your change"),
    (_find, "Find your order"),
    (_find_wrong, "Find your order"),
    (_find_sent, "Check your inbox"),
    (_link_expired, "This link is no longer valid"),
    (_suspended, "This shop is paused"),
    (_not_found, "There is nothing at this address"),
]


@pytest.mark.parametrize(("arrange", "title"), PAGES, ids=[arrange.__name__.strip("_") for arrange, _ in PAGES])
def test_page_is_accessible(
    visit: Callable[..., Visitor],
    assert_accessible: Callable[[Page], None],
    arrange: Callable[[Visitor], None],
    title: str,
) -> None:
    visitor = visit()
    arrange(visitor)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
    assert_accessible(visitor.page)


def test_at_360_sentence_time_and_button_stand_above_the_fold(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    box = visitor.page.get_by_role("link", name="Add to my order").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640


def test_targets_are_large_enough_for_thumbs(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    _edit_filled(visitor)
    small = visitor.page.evaluate(
        "[...document.querySelectorAll('button, .btn')].filter(e => e.getBoundingClientRect().height < 44)"
        ".map(e => e.outerHTML)"
    )
    assert small == []


def test_the_keyboard_keeps_its_place_when_a_quantity_changes(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    _edit_filled(visitor)
    more = visitor.page.get_by_role("button", name="One more Kiln tray", exact=True)
    more.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("button", name="Confirm and pay $48.00")).to_be_visible()
    expect(more).to_be_focused()
    expect(visitor.page.locator("#live")).to_have_text("$48.00 to pay now")
    fewer = visitor.page.get_by_role("button", name="One Kiln tray fewer")
    fewer.press("Enter")
    expect(visitor.page.get_by_role("button", name="Confirm and pay $24.00")).to_be_visible()
    expect(fewer).to_be_focused()
    fewer.press("Enter")
    expect(visitor.page.locator("#live")).to_have_text("Nothing is added")
    expect(visitor.page.locator("#main")).to_be_focused()


def test_without_scripts_the_progress_page_comes_back_by_itself(visit: Callable[..., Visitor]) -> None:
    visitor = visit(scripts=False)
    session = visitor.change("committing", "reserve")
    visitor.go_order(f"edit/{session.pk}/")
    expect(visitor.page.get_by_text("This can take a minute.")).to_be_visible()
    EditSession.objects.filter(pk=session.pk).update(state="applied")
    expect(visitor.page.get_by_text("Your order is changed")).to_be_visible()


def test_with_scripts_the_progress_page_leads_on(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    session = visitor.change("committing", "reserve")
    visitor.go_order(f"edit/{session.pk}/")
    expect(visitor.page.get_by_text("Your bank confirms")).to_be_visible()
    EditSession.objects.filter(pk=session.pk).update(state="applied")
    expect(visitor.page.get_by_text("Your order is changed")).to_be_visible()


def test_the_time_left_follows_the_clock_and_the_page_closes(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.page
    page.clock.install()
    visitor.go_order()
    expect(page.get_by_role("timer")).to_have_text("2 h 59 min left")
    page.clock.fast_forward("01:00:00")
    expect(page.get_by_role("timer")).to_have_text("1 h 59 min left")
    EditWindow.objects.update(state="released", closed_at=clock.now(), close_reason="elapsed")
    page.clock.fast_forward("02:00:00")
    expect(page.get_by_role("heading", level=1)).to_have_text("We are packing your order")


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    _find_wrong(visitor)
    expect(visitor.page.locator(".errors")).to_be_focused()
    visitor.page.get_by_role("link", name="Enter an email address").click()
    expect(visitor.page.get_by_label("Email address")).to_be_focused()


def test_no_other_host_is_told_where_the_shopper_is(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    hosts: set[str] = set()
    visitor.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    visitor.go_order()
    assert hosts == {visitor.base.split("/")[2]}
    assert PortalLink.objects.count() == 1
