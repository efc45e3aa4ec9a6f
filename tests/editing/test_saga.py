"""From the button to the end: one charge and one revision, or none of either and a clear state."""

from datetime import timedelta

import pytest

from core import clock, outbox
from core.models import OutboxEvent
from editing.models import EditSession
from editing.rules import EditState
from editing.services.resume import authentication_url, edit_refresh, edit_retry, edits_resume
from editing.services.saga import CAPTURE_ATTEMPTS, saga_drive
from orders.models import EditWindow, Order, OrderRevision, StockReservation, WindowAdmission
from orders.services.lifecycle import order_cancel, order_fulfilment_update
from orders.services.revisions import SYSTEM, Actor
from orders.services.windows import windows_sweep
from tests.editing.conftest import SHOPPER


def stock(shop):
    shop.variant.refresh_from_db()
    return shop.variant.stock_quantity, shop.variant.reserved_quantity


def states(session):
    return [transition.after for transition in session.transitions.all()]


def assert_untouched(shop, order):
    """Nothing happened to the order, the stock or the card, and the window is free again."""
    order.refresh_from_db()
    assert (order.version, order.total_minor, order.lines.count()) == (1, 5500, 1)
    assert stock(shop) == (10, 0)
    assert shop.captured() == 0
    assert not [intent for intent in shop.intents() if intent["status"] == "requires_capture"]
    assert not WindowAdmission.objects.filter(left_at=None).exists()


def assert_applied_once(shop, order, due=2640):
    order.refresh_from_db()
    assert (order.version, order.total_minor) == (2, 5500 + due)
    assert order.total_minor == sum(line.total_minor for line in order.lines.all())
    assert OrderRevision.objects.filter(order=order, reason="edited").count() == 1
    assert [(intent["amount_received"], intent["status"]) for intent in shop.intents()] == [(due, "succeeded")]
    assert stock(shop) == (9, 0)
    assert not WindowAdmission.objects.filter(left_at=None).exists()


def test_s22_the_main_job(shop, at):
    order = shop.order()
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    assert session.state == EditState.APPLIED
    assert states(session) == ["draft", "committing", "applied"]
    assert [(step.name, step.state, step.attempts) for step in session.steps.all()] == [
        ("reserve", "done", 1),
        ("authorise", "done", 1),
        ("apply", "done", 1),
        ("capture", "done", 1),
    ]
    assert_applied_once(shop, order)
    line = order.lines.get(origin="edit")
    assert (line.unit_price_minor, line.tax_minor, line.total_minor, line.edit_id) == (2400, 240, 2640, session.pk)
    names = OutboxEvent.objects.filter(aggregate_id=order.pk).order_by("id").values_list("name", flat=True)
    assert list(names)[-3:] == ["edit.committed", "order.edited", "edit.applied"]


def test_driving_a_finished_edit_changes_nothing(shop, at):
    order = shop.order()
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    saga_drive(session.pk)
    edit_refresh(session_id=session.pk)
    assert_applied_once(shop, order)


@pytest.mark.parametrize(
    ("card", "code"), [("generic", "generic_decline"), ("insufficient_funds", "insufficient_funds")]
)
def test_s26_a_declined_card_leaves_the_order_as_it_was(shop, at, card, code):
    order = shop.order(card=card)
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    assert (session.state, session.failure_code) == (EditState.DECLINED, code)
    assert "nothing was charged" in session.failure_message or "too little money" in session.failure_message
    assert_untouched(shop, order)
    saga_drive(shop.commit(order, shop.quoted(order), key="again").pk)  # the window is not blocked by it


def test_s23_authentication_goes_on_with_the_same_intent(shop, at, bank):
    order = shop.order(card="always_authenticate")
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    assert session.state == EditState.AWAITING_CUSTOMER
    with clock.frozen(at + timedelta(minutes=5)):
        url = authentication_url(session_id=session.pk, return_url="http://127.0.0.1:9/back")
        assert url == authentication_url(session_id=session.pk, return_url="http://127.0.0.1:9/back")
        bank(url, "approve")
        session = edit_refresh(session_id=session.pk)
    assert session.state == EditState.APPLIED
    assert_applied_once(shop, order)


def test_authentication_refused_at_the_bank(shop, at, bank):
    order = shop.order(card="always_authenticate")
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    bank(authentication_url(session_id=session.pk, return_url="http://127.0.0.1:9/back"), "fail")
    session = edit_refresh(session_id=session.pk)
    assert session.state == EditState.DECLINED
    assert_untouched(shop, order)


def test_s24_authentication_not_finished_in_time_cancels_the_intent(shop, at):
    order = shop.order(card="always_authenticate")
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    with clock.frozen(session.deadline_at - timedelta(seconds=1)):
        edits_resume()
        assert EditSession.objects.get().state == EditState.AWAITING_CUSTOMER
    with clock.frozen(session.deadline_at):
        edits_resume()
    session.refresh_from_db()
    assert (session.state, session.failure_code) == (EditState.EXPIRED, "authentication_expired")
    assert [intent["status"] for intent in shop.intents()] == ["canceled"]
    assert_untouched(shop, order)


def test_s25_authentication_in_the_last_moment_is_applied(shop, at, bank):
    order = shop.order(card="always_authenticate")
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    bank(authentication_url(session_id=session.pk, return_url="http://127.0.0.1:9/back"), "approve")
    with clock.frozen(session.deadline_at + timedelta(minutes=1)):
        edits_resume()
    assert EditSession.objects.get().state == EditState.APPLIED
    assert_applied_once(shop, order)


def test_s38_admitted_before_the_close_finishes_after_it(shop, at):
    order = shop.order()
    with clock.frozen(at + timedelta(minutes=179, seconds=59)):
        session = shop.commit(order, shop.quoted(order))
    with clock.frozen(at + timedelta(minutes=181)):
        assert windows_sweep() == 0
        saga_drive(session.pk)
        assert_applied_once(shop, order)
        assert windows_sweep() == 1
    assert EditWindow.objects.get().state == "released"


@pytest.mark.parametrize("end", ["fulfilment", "cancel"])
def test_s42_fulfilment_or_cancel_while_the_bank_asks_undoes_the_edit(shop, at, end):
    order = shop.order(card="always_authenticate")
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    if end == "cancel":
        order_cancel(order_id=order.pk, actor=SYSTEM)
    else:
        order_fulfilment_update(order_id=order.pk, started_at=at, actor=SYSTEM)
    outbox.dispatch_due()
    session.refresh_from_db()
    assert session.state == EditState.EXPIRED
    assert [intent["status"] for intent in shop.intents()] == ["canceled"]
    assert stock(shop) == (10, 0)


def test_fulfilment_between_authorisation_and_apply_voids_it(shop, at, bank):
    order = shop.order(card="always_authenticate")
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    bank(authentication_url(session_id=session.pk, return_url="http://127.0.0.1:9/back"), "approve")
    order_fulfilment_update(order_id=order.pk, started_at=at, actor=SYSTEM)
    session = edit_refresh(session_id=session.pk)
    assert (session.state, session.failure_code) == (EditState.FAILED, "window_closed")
    assert [intent["status"] for intent in shop.intents()] == ["canceled"]
    assert stock(shop) == (10, 0)


def capture_left_open(shop, kind):
    """An edit whose lines are on the order while the capture got no answer."""
    order = shop.order()
    shop.server.fault(kind, method="POST", path="/v1/payment_intents/*/capture")
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    assert (session.state, session.steps.get(name="apply").state) == ("committing", "done")
    return order, session


def test_s46_cancelled_before_the_capture_is_not_charged(shop, at):
    order, session = capture_left_open(shop, "error_before_apply")
    order_cancel(order_id=order.pk, actor=SYSTEM)
    with clock.frozen(at + timedelta(minutes=1)):
        edits_resume()
    session.refresh_from_db()
    assert (session.state, session.failure_code) == (EditState.FAILED, "order_cancelled")
    assert [(intent["amount_received"], intent["status"]) for intent in shop.intents()] == [(0, "canceled")]
    order.refresh_from_db()
    assert (order.total_minor, order.lines.count()) == (5500, 1)  # what was taken is what the order says
    assert stock(shop) == (10, 0)
    assert not WindowAdmission.objects.filter(left_at=None).exists()


def test_captured_just_before_the_cancel_stays_with_its_lines(shop, at):
    """The shop refunds a cancelled order as it stands, and there the added line stands too."""
    order, session = capture_left_open(shop, "timeout_after_apply")
    order_cancel(order_id=order.pk, actor=SYSTEM)
    with clock.frozen(at + timedelta(minutes=1)):
        edits_resume()
    session.refresh_from_db()
    assert session.state == EditState.APPLIED
    order.refresh_from_db()
    assert (order.total_minor, shop.captured()) == (5500 + 2640, 2640)


def test_sold_out_between_quote_and_commit(shop, at):
    order, rival = shop.order(), shop.order()
    quote = shop.quoted(order, quantity=2)
    shop.variant.stock_quantity = 2
    shop.variant.save()
    saga_drive(shop.commit(rival, shop.quoted(rival), key="rival").pk)
    session = saga_drive(shop.commit(order, quote).pk)
    assert (session.state, session.failure_code) == (EditState.FAILED, "sold_out")
    assert len(shop.intents()) == 1  # no card was charged for the loser


def test_an_order_without_a_saved_card_is_not_charged(shop, at):
    order = shop.order(tenders=())
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    assert (session.state, session.failure_code) == (EditState.FAILED, "no_saved_card")
    assert_untouched(shop, order)


@pytest.mark.parametrize("kind", ["timeout_after_apply", "error_before_apply", "error_after_apply"])
@pytest.mark.parametrize("step", ["authorise", "capture"])
def test_a_provider_without_an_answer_is_asked_again_and_charges_once(shop, at, kind, step):
    order = shop.order()
    path = "/v1/payment_intents" if step == "authorise" else "/v1/payment_intents/*/capture"
    shop.server.fault(kind, method="POST", path=path)
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    moment = at
    while session.state == EditState.COMMITTING and moment < at + timedelta(minutes=10):
        moment += timedelta(seconds=20)
        with clock.frozen(moment):
            edits_resume()
        session.refresh_from_db()
    assert session.state == EditState.APPLIED
    assert_applied_once(shop, order)


def test_a_provider_that_stays_silent_ends_in_no_charge(shop, at):
    order = shop.order()
    shop.server.fault("error_before_apply", method="POST", path="/v1/payment_intents", count=100)
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    moment = at
    while session.state in ("committing", "compensating") and moment < at + timedelta(hours=2):
        moment += timedelta(minutes=2)
        with clock.frozen(moment):
            edits_resume()
        session.refresh_from_db()
    assert (session.state, session.failure_code) == (EditState.FAILED, "took_too_long")
    assert_untouched(shop, order)


def test_s32_a_capture_that_keeps_failing_waits_for_a_person_who_retries(shop, at):
    order = shop.order()
    shop.server.fault("error_before_apply", method="POST", path="/v1/payment_intents/*/capture", count=1000)
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    moment = at
    while session.state == EditState.COMMITTING and moment < at + timedelta(hours=2):
        moment += timedelta(minutes=3)
        with clock.frozen(moment):
            edits_resume()
        session.refresh_from_db()
    assert session.state == EditState.MANUAL_REVIEW
    assert session.steps.get(name="capture").attempts == CAPTURE_ATTEMPTS
    assert WindowAdmission.objects.filter(left_at=None).exists()  # the order stays held
    shop.server.clear_faults()
    with clock.frozen(moment):
        session = edit_retry(session_id=session.pk, actor=Actor("user", "1"))
    assert session.state == EditState.APPLIED
    assert_applied_once(shop, order)


def test_an_edit_with_nothing_to_pay_moves_no_money(shop, at):
    shop.variant.price_minor = 0
    shop.variant.save()
    order = shop.order()
    session = saga_drive(shop.commit(order, shop.quoted(order)).pk)
    assert session.state == EditState.APPLIED
    assert shop.intents() == []
    assert Order.objects.get(pk=order.pk).version == 2
    assert StockReservation.objects.get().state == "consumed"
    assert session.actor_id == SHOPPER.id
