"""The process that carries out a charge is killed before and after every step. Afterwards: all of it once, or none.

The process is a real one, the kill a real SIGKILL, the Stripe server a real server. What remains is taken up as a
worker does after the dead one's lease has run out.
"""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from core import clock, outbox
from core.tenancy import tenant_scope
from editing.models import EditSession
from editing.services.lease import LEASE
from editing.services.resume import edits_resume
from orders.models import EditWindow, Order, OrderRevision, WindowAdmission
from orders.services.windows import windows_sweep
from tests.editing.conftest import (
    Shop,
    make_shop,
    shop_committing,
    stripe_client,
    stripe_server,
    stripe_server_session,
    stripe_settings,
)

__all__ = ["make_shop", "shop_committing", "stripe_client", "stripe_server", "stripe_server_session", "stripe_settings"]

KILLER = Path(__file__).parent / "killer"
ROOT = Path(__file__).resolve().parents[2]

INCREASE = [
    "return:editing.services.commit.edit_commit",
    "call:editing.services.saga._start",
    *(
        f"{when}:editing.services.saga.{step}"
        for step in ("_reserve", "_authorise", "_apply", "_capture", "_finish")
        for when in ("call", "return")
    ),
    "call:editing.services.saga.step_done",
    "call:payments.rails.stripe.authorise",
    "return:payments.rails.stripe.authorise",
    "call:payments.rails.stripe.capture",
    "return:payments.rails.stripe.capture",
]
UNDOING = [
    "call:editing.services.compensation.compensation_begin",
    "return:editing.services.compensation.compensation_begin",
    "call:editing.services.compensation.compensate",
    "return:editing.services.compensation.compensate",
    "return:orders.services.stock.stock_release",
]
# A few of each kind by default, every one in full runs.
FULL = bool(os.environ.get("PRO_TEST_FULL"))
QUICK = {
    "return:editing.services.commit.edit_commit",
    "return:payments.rails.stripe.authorise",
    "return:editing.services.saga._apply",
    "return:payments.rails.stripe.capture",
    "return:editing.services.compensation.compensation_begin",
}


def points(all_of_them):
    return [point for point in all_of_them if FULL or point in QUICK]


def run_and_die(point: str, folder: Path, *arguments: object) -> None:
    """Run the driver until it is killed at `point`; fails when it lives."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "STRIPE_API_BASE": django_settings.STRIPE_API_BASE,
        "STRIPE_API_KEY": django_settings.STRIPE_API_KEY,
        "PYTHONPATH": f"{KILLER}{os.pathsep}{ROOT}",
        "DIE_AT": point,
        "DIE_ONCE": str(folder / "died"),
    }
    command = [sys.executable, "-m", "tests.faults.driver", *map(str, arguments)]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert finished.returncode == -signal.SIGKILL, finished.stderr[-2000:]


def database_url() -> str:
    values = connection.settings_dict
    return f"postgres://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def recover(shop: Shop) -> EditSession:
    """What worker and beat do once the dead process's lease is over."""
    moment = clock.now()
    with tenant_scope(shop.merchant.pk):
        for _ in range(20):
            moment += LEASE + timedelta(seconds=1)
            with clock.frozen(moment):
                edits_resume()
                outbox.dispatch_due()
            session = EditSession.objects.get()
            if session.finished_at is not None:
                return session
    raise AssertionError(f"The edit stays {session.state}.")


def assert_all_of_it_once(shop: Shop, order: Order) -> None:
    order.refresh_from_db()
    shop.variant.refresh_from_db()
    assert [(intent["status"], intent["amount_received"]) for intent in shop.intents()] == [("succeeded", 2640)]
    assert OrderRevision.objects.filter(order=order, reason="edited").count() == 1
    assert order.total_minor == 5500 + 2640 == sum(line.total_minor for line in order.lines.all())
    assert (shop.variant.stock_quantity, shop.variant.reserved_quantity) == (9, 0)


def assert_none_of_it(shop: Shop, order: Order) -> None:
    order.refresh_from_db()
    shop.variant.refresh_from_db()
    assert not [intent for intent in shop.intents() if intent["status"] in ("succeeded", "requires_capture")]
    assert not OrderRevision.objects.filter(order=order, reason="edited").exists()
    assert order.total_minor == 5500
    assert (shop.variant.stock_quantity, shop.variant.reserved_quantity) == (10, 0)


def assert_window_is_free(order: Order) -> None:
    assert not WindowAdmission.objects.filter(left_at=None).exists()
    with clock.frozen(clock.now() + timedelta(hours=4)):
        windows_sweep()
    assert EditWindow.objects.get(order=order).state == "released"


@pytest.mark.parametrize("point", points(INCREASE))
def test_s50_killed_at_any_point_of_a_charge(shop_committing, tmp_path, point):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        order = shop.order()
        quote = shop.quoted(order)
    run_and_die(point, tmp_path, shop.merchant.pk, order.pk, quote.pk)
    session = recover(shop)
    with tenant_scope(shop.merchant.pk):
        assert session.state == "applied"
        assert_all_of_it_once(shop, order)
        assert_window_is_free(order)


@pytest.mark.parametrize("point", points(UNDOING))
def test_s50_killed_at_any_point_of_undoing(shop_committing, tmp_path, point):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        order = shop.order(card="generic")
        quote = shop.quoted(order)
    run_and_die(point, tmp_path, shop.merchant.pk, order.pk, quote.pk)
    session = recover(shop)
    with tenant_scope(shop.merchant.pk):
        assert session.state == "declined"
        assert_none_of_it(shop, order)
        assert_window_is_free(order)


@pytest.mark.parametrize("point", points(INCREASE)[1:])
def test_s50_the_worker_that_recovers_is_killed_too(shop_committing, tmp_path, point):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        order = shop.order()
        shop.commit(order, shop.quoted(order))
    run_and_die(point, tmp_path, shop.merchant.pk)
    session = recover(shop)
    with tenant_scope(shop.merchant.pk):
        assert session.state == "applied"
        assert_all_of_it_once(shop, order)


def test_s24_killed_while_the_bank_asks_ends_in_no_charge(shop_committing, tmp_path):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        order = shop.order(card="always_authenticate")
        quote = shop.quoted(order)
    run_and_die("return:editing.services.saga._await_customer", tmp_path, shop.merchant.pk, order.pk, quote.pk)
    with clock.frozen(clock.now() + timedelta(minutes=30)):
        session = recover(shop)
    with tenant_scope(shop.merchant.pk):
        assert session.state == "expired"
        assert_none_of_it(shop, order)
