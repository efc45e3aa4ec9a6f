"""The shopper's pages over HTTP: what they show, what they refuse, and that nothing is done twice."""

import re
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock
from core.ids import uuid7
from editing.models import Quote
from editing.rules import EditState
from orders.models import EditWindow, Order, OrderLine, OrderTender
from orders.services.windows import window_admit
from portal import brand
from tests.factories import ProductFactory, TenderInputFactory, VariantFactory

# The goal for the order page is twelve.
QUERIES = {"": 6, "edit/": 15}


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_order_page_masks_and_is_private(shopper):
    visitor = shopper()
    response = visitor.open()
    page = response.content.decode()
    for secret in ("Rosengren", "118 Alder", visitor.order.customer.email):
        assert secret not in page
    assert "Mara R•••" in page
    assert "2 h 59 min left" in page
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
    assert response["Referrer-Policy"] == "same-origin"


def test_pages_carry_nothing_inline(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    for path in ("", "edit/"):
        response = visitor.open(path)
        page = response.content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
        assert "'unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "baseline"), QUERIES.items())
def test_pages_stay_within_their_queries(shopper, tray, path, baseline):
    """However many lines and items there are. A page that needs more changes its number here, with a reason."""
    visitor = shopper()
    for number in range(8):
        OrderLine.objects.create(
            order=visitor.order,
            external_id=f"more-{number}",
            title="Mug",
            quantity=1,
            unit_price_minor=1,
            total_minor=1,
        )
    visitor.add(tray)
    visitor.open("edit/")
    with CaptureQueriesContext(connection) as queries:
        assert visitor.open(path).status_code == 200
    own = [q["sql"] for q in queries if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]
    assert len(own) == baseline, "\n".join(own)


def test_adding_shows_the_exact_price_and_changes_nothing(shopper, tray):
    visitor = shopper()
    before = Order.objects.get(pk=visitor.order.pk)
    assert visitor.add(tray, 2).status_code == 303
    page = text_of(visitor.open("edit/"))
    assert "2 Kiln tray" in page
    assert "Confirm and pay $48.00" in page
    assert Order.objects.get(pk=visitor.order.pk).total_minor == before.total_minor
    assert visitor.charged() == 0


def test_confirming_charges_once_and_changes_the_order(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    confirmed = visitor.confirm()
    [edit] = visitor.edits()
    assert confirmed["Location"] == f"{visitor.here}edit/{edit.pk}/"
    assert visitor.open(f"edit/{edit.pk}/")["Location"] == f"{visitor.here}?changed={edit.pk}"
    page = text_of(visitor.open(f"?changed={edit.pk}"))
    assert "Your order is changed" in page
    assert "Visa ending 4242 was charged $24.00." in page
    assert visitor.charged() == 2400
    assert Order.objects.get(pk=visitor.order.pk).total_minor == visitor.order.total_minor + 2400


def test_pressing_the_button_twice_is_one_charge(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    visitor.open("edit/")
    quote = Quote.objects.get()
    first, second = visitor.confirm(quote), visitor.confirm(quote)
    assert first["Location"] == second["Location"]
    assert visitor.charged() == 2400


def test_two_tabs_with_two_totals_are_one_charge(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    visitor.open("edit/")
    old = Quote.objects.get()
    visitor.add(tray, 2)
    visitor.open("edit/")
    stale = visitor.confirm(old)
    assert stale.status_code == 409
    assert "The price changed while you looked" in text_of(stale)
    assert visitor.charged() == 0
    assert visitor.confirm().status_code == 302
    assert visitor.charged() == 4800


def test_the_amount_that_was_seen_is_the_amount_that_is_charged(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    visitor.open("edit/")
    quote = Quote.objects.get()
    assert visitor.post("edit/commit/", quote=str(quote.pk), due=1).status_code == 409
    assert visitor.charged() == 0


def test_an_old_price_is_shown_anew(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    visitor.open("edit/")
    old = Quote.objects.get()
    tray.price_minor = 2600
    tray.save()
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        refused = visitor.confirm(old)
        assert refused.status_code == 409
        assert "Confirm and pay $26.00" in text_of(refused)
    assert visitor.charged() == 0


def test_after_the_window_nothing_is_charged(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    visitor.open("edit/")
    quote = Quote.objects.get()
    second_ago = clock.now() - timedelta(seconds=1)
    EditWindow.objects.update(opened_at=second_ago, closes_at=second_ago)
    refused = visitor.confirm(quote)
    assert refused.status_code == 409
    assert "Changes have closed" in text_of(refused)
    assert visitor.add(tray).status_code == 409
    assert "Add to my order" not in text_of(visitor.open())
    assert visitor.charged() == 0


def test_a_declined_card_leaves_the_order_and_keeps_the_change(shopper, tray):
    visitor = shopper(card="generic")
    visitor.add(tray, 2)
    visitor.open("edit/")
    page = text_of(visitor.client.get(visitor.confirm()["Location"]))
    [edit] = visitor.edits()
    assert edit.state == EditState.DECLINED
    assert "Your card was declined, and nothing was charged" in page
    assert "2 Kiln tray" in page
    assert Order.objects.get(pk=visitor.order.pk).version == visitor.order.version
    assert visitor.post(f"edit/{edit.pk}/retry/")["Location"] == f"{visitor.here}edit/"
    assert "Confirm and pay $48.00" in text_of(visitor.open("edit/"))


def test_the_bank_check_comes_back_to_the_same_payment(shopper, tray, stripe_bank):
    visitor = shopper(card="always_authenticate")
    visitor.add(tray)
    visitor.open("edit/")
    page = visitor.client.get(visitor.confirm()["Location"])
    assert "Your bank wants to check it is you" in text_of(page)
    [edit] = visitor.edits()
    bank = visitor.open(f"edit/{edit.pk}/bank/")["Location"]
    assert bank.startswith(visitor.stripe.url)
    assert visitor.open(f"edit/{edit.pk}/bank/")["Location"] == bank
    stripe_bank(bank, "approve")
    visitor.open(f"edit/{edit.pk}/returned/")
    assert visitor.open(f"edit/{edit.pk}/")["Location"].endswith(f"?changed={edit.pk}")
    assert visitor.charged() == 2400
    assert visitor.payments()["count"] == 1


def test_a_change_that_the_bank_refused_is_declined(shopper, tray, stripe_bank):
    visitor = shopper(card="always_authenticate")
    visitor.add(tray)
    visitor.open("edit/")
    visitor.confirm()
    [edit] = visitor.edits()
    stripe_bank(visitor.open(f"edit/{edit.pk}/bank/")["Location"], "fail")
    visitor.open(f"edit/{edit.pk}/returned/")
    assert "nothing was charged" in text_of(visitor.open(f"edit/{edit.pk}/"))
    assert visitor.charged() == 0


def test_more_than_the_link_may_charge_is_refused(shopper, tray, scope):
    visitor = shopper()
    visitor.add(tray, 5)
    visitor.open("edit/")
    refused = visitor.confirm()
    assert refused.status_code == 403
    assert "up to $100.00 per order" in text_of(refused)
    assert visitor.charged() == 0


def test_sold_out_is_said_and_not_added(shopper, tray):
    tray.stock_quantity = 1
    tray.save()
    visitor = shopper()
    refused = visitor.add(tray, 2)
    assert refused.status_code == 409
    assert "There is not enough of this item left" in text_of(refused)


def test_an_item_taken_off_sale_leaves_the_draft(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    tray.is_active = False
    tray.save()
    page = text_of(visitor.open("edit/"))
    assert "Something is no longer for sale" in page
    assert "Confirm and pay" not in page


def test_search_finds_by_every_word_and_goes_with_the_order_first(shopper, tray):
    mug = VariantFactory(product=ProductFactory(title="Fieldstone mug"), title="Oat")
    VariantFactory(product=ProductFactory(title="Archived thing", status="archived"))
    VariantFactory(product=ProductFactory(title="Foreign money"), currency="EUR")
    visitor = shopper()
    everything = text_of(visitor.open("edit/"))
    assert "Archived thing" not in everything
    assert "Foreign money" not in everything
    found = text_of(visitor.open("edit/", data={"q": "MUG oat"}))
    assert "Fieldstone mug" in found
    assert "Kiln tray" not in found
    assert "Nothing found" in text_of(visitor.open("edit/", data={"q": "%_\x00"}))
    assert str(mug.pk) in visitor.open("edit/", data={"q": "mug"}).content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"variant": "x", "quantity": "1"},
        {"variant": str(uuid7()), "quantity": "many"},
        {"variant": "", "quantity": ""},
    ],
)
def test_nonsense_changes_nothing(shopper, data):
    visitor = shopper()
    assert visitor.post("edit/", **data).status_code == 302
    assert visitor.post("edit/commit/", quote="x", due="y").status_code == 302
    assert visitor.edits() == []


@pytest.mark.parametrize("quantity", [-1, 100, 10**30])
def test_impossible_quantities_are_refused(shopper, tray, quantity):
    visitor = shopper()
    assert visitor.add(tray, quantity).status_code == 422


def test_what_is_sold_in_another_currency_by_now_is_taken_out(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    tray.currency = "EUR"
    tray.save()
    page = text_of(visitor.open("edit/"))
    assert "no longer for sale" in page
    assert "Kiln tray Sage" in page


def test_foreign_ids_are_unknown(shopper, tray, in_other_shop):
    visitor, other = shopper(), shopper()
    other.add(tray)
    other.open("edit/")
    [edit] = other.edits()
    for path in (f"edit/{edit.pk}/", f"edit/{edit.pk}/bank/", f"edit/{edit.pk}/returned/", f"edit/{uuid7()}/"):
        assert visitor.open(path).status_code == 404
    assert visitor.post(f"edit/{edit.pk}/retry/").status_code == 404
    assert visitor.confirm(Quote.objects.get()).status_code == 409
    assert visitor.charged() == 0


def test_while_another_change_is_under_way_the_page_leads_to_it(shopper, tray):
    visitor = shopper(card="always_authenticate")
    visitor.add(tray)
    visitor.open("edit/")
    visitor.confirm()
    [edit] = visitor.edits()
    assert visitor.open("edit/")["Location"] == f"{visitor.here}edit/{edit.pk}/"
    assert "Your last change is still being made." in text_of(visitor.open())
    EditWindow.objects.update(state="closing")
    assert f"{visitor.here}edit/{edit.pk}/" in visitor.open().content.decode()


def test_htmx_leaves_the_progress_page_as_a_whole(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    visitor.open("edit/")
    visitor.confirm()
    [edit] = visitor.edits()
    polled = visitor.open(f"edit/{edit.pk}/", headers={"HX-Request": "true"})
    assert polled["HX-Redirect"] == f"{visitor.here}?changed={edit.pk}"


def test_while_payments_are_not_set_up_the_way_to_the_bank_and_back_says_so(shopper, tray, settings):
    visitor = shopper(card="always_authenticate")
    visitor.add(tray)
    visitor.open("edit/")
    visitor.confirm()
    [edit] = visitor.edits()
    settings.STRIPE_API_KEY = ""
    for path in ("bank", "returned"):
        refused = visitor.open(f"edit/{edit.pk}/{path}/")
        assert refused.status_code == 503
        assert "Nothing was charged" in text_of(refused)


def test_the_card_that_is_shown_is_the_one_that_is_charged(shopper, tray):
    elsewhere = TenderInputFactory(provider="elsewhere", brand="amex", last4="0005")
    visitor = shopper()
    OrderTender.objects.filter(order=visitor.order).update(position=1)
    OrderTender.objects.create(order=visitor.order, position=0, **asdict(elsewhere))
    visitor.add(tray)
    for path in ("", "edit/"):
        page = text_of(visitor.open(path))
        assert "Visa ending 4242" in page
        assert "0005" not in page


def test_a_card_that_cannot_be_charged_here_offers_no_change(shopper):
    visitor = shopper()
    OrderTender.objects.update(provider="elsewhere")
    assert "add to it" not in text_of(visitor.open())


def test_forms_need_their_token(shopper, tray):
    visitor = shopper()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visitor.client.cookies
    refused = strict.post(f"{visitor.here}edit/", {"variant": str(tray.pk), "quantity": 1})
    assert refused.status_code == 403
    assert visitor.edits() == []


def test_a_suspended_shop_shows_only_that(shopper, scope):
    visitor = shopper()
    scope.is_suspended = True
    scope.save()
    response = visitor.open()
    assert response.status_code == 503
    assert "This shop is paused" in text_of(response)
    assert visitor.order.number not in text_of(response)


def test_the_theme_is_kept_for_ever_under_its_own_address(shopper, scope):
    page = shopper().open().content.decode()
    address = re.search(r"/m/harrow/theme-\w+\.css", page).group()
    css = Client().get(address)
    assert css.content.decode() == brand.stylesheet(scope.brand_colour)
    assert "immutable" in css["Cache-Control"]
    assert Client().get("/m/harrow/theme-old.css")["Location"] == address


def test_unknown_addresses_look_like_the_shop(scope):
    response = Client().get("/m/harrow/nothing/here")
    assert response.status_code == 404
    assert "Harrow &amp; Pine" in response.content.decode()


def test_a_waiting_admission_of_another_edit_refuses_the_second(shopper, tray):
    visitor = shopper()
    visitor.add(tray)
    visitor.open("edit/")
    window_admit(order_id=visitor.order.pk, edit_id=uuid7())
    refused = visitor.confirm()
    assert refused.status_code == 409
    assert visitor.charged() == 0


def test_a_payment_that_is_not_set_up_says_nothing_technical(shopper, tray, settings):
    visitor = shopper()
    visitor.add(tray)
    settings.STRIPE_API_KEY = ""
    page = text_of(visitor.client.get(visitor.confirm()["Location"]))
    assert "We could not change your order" in page
    assert "Something broke on our side" in page
    assert "Stripe" not in page
    assert "set up" not in page
