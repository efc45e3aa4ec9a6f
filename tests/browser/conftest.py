"""Real Chromium against real processes: web, worker, beat and the Stripe server on a database of their own."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import pytest
import stripe
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.plugin import DjangoDbBlocker

from core.ids import uuid7
from core.tenancy import platform_scope, tenant_scope
from devtools.launcher.programs import STRIPE_KEY
from devtools.launcher.stack import Stack
from merchants.models import Merchant
from tests.factories import MerchantFactory

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
PHONE, DESKTOP = 360, 1280
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [
    (320, "light"),
    (PHONE, "dark"),
    (DESKTOP, "light"),
    (DESKTOP, "dark"),
]


@pytest.fixture(scope="session", autouse=True)
def _allow_async_unsafe() -> Iterator[None]:
    """Playwright keeps an event loop in this thread; Django would take every query for one within it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    path = os.environ.get("PRO_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("No Chromium: install it, or set PRO_CHROMIUM to its path.")
    return {"executable_path": path}


@pytest.fixture(scope="session")
def live_name(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database that is never flushed, because the processes work in it all the time: each test has its own shop."""
    plain = connection.settings_dict["NAME"]
    name = f"{plain}_live"
    with django_db_blocker.unblock():
        _recreate(name)
        with _connected_to(name), platform_scope("migrate"):
            call_command("migrate", verbosity=0)
        yield name
        _recreate(name, again=False)


def _recreate(name: str, *, again: bool = True) -> None:
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if again:
            cursor.execute(f'CREATE DATABASE "{name}"')


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@pytest.fixture
def live_db(live_name: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), _connected_to(live_name):
        yield


@pytest.fixture(scope="session")
def stack(live_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{live_name}"))
    with Stack(tmp_path_factory.mktemp("stack"), database_url=url, **_valkey_of_its_own()) as running:
        running.start("stripe", "web", "worker", "beat")
        yield running


def _valkey_of_its_own() -> dict[str, Any]:
    """Not the database that this process wipes before each test: a queue lies in it."""
    parts = urlsplit(settings.REDIS_URL)
    number = (int(parts.path.strip("/") or 0) + 8) % 16
    url = urlunsplit(parts._replace(path=f"/{number}"))
    return {"redis_url": url, "environment": {"PYTEST_XDIST_WORKER": f"gw{number}"}}


@pytest.fixture
def shop(stack: Stack, live_db: None) -> Iterator[Merchant]:
    merchant = MerchantFactory(
        slug=f"harrow-{uuid7().hex[-12:]}",
        name="Harrow & Pine",
        currency="USD",
        time_zone="America/Los_Angeles",
        address_line="18 Kiln Lane, Portland, OR",
        support_email="hello@harrow.example",
    )
    with tenant_scope(merchant.pk):
        yield merchant


@pytest.fixture
def bank(stack: Stack) -> stripe.StripeClient:
    return stripe.StripeClient(STRIPE_KEY, base_addresses={"api": stack.stripe_url})


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of a size, with or without scripts; complaints of the browser fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_tab(width: int = DESKTOP, *, scripts: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None
        )
        page.set_default_timeout(10_000)
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    def check(page: Page) -> None:
        page.evaluate(AXE)
        for width, theme in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # no colour half-way to the next
            found = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS)["violations"]
            problems = [f"{v['id']}: {[node['html'] for node in v['nodes']]}" for v in found]
            assert problems == [], f"{width} px, {theme}"
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"the page scrolls sideways at {width} px"

    return check
