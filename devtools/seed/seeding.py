"""One demo shop from nothing to filled. Doing it again goes on where it stopped."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import connection

from core import outbox
from core.tenancy import tenant_scope
from devtools.demo.history import history
from devtools.demo.shops import SEED
from devtools.demo.spec import DemoShop, History, OrderPlan
from devtools.saved_cards import SavedCards
from devtools.seed.live import live_seed
from devtools.seed.past import is_past, past_seed, share_of
from devtools.seed.progress import Progress
from devtools.seed.shop import catalogue_seed, is_seeded, mark_seeded, merchant_for, shoppers_seed
from merchants.models import Merchant
from metrics.services.days import days_drain

# Below so many orders another process costs more than it saves.
WORTH_A_PROCESS = 200
# The command that writes share `index` of `count` of the shop's past in another process.
ShareCommand = Callable[[str, int, int], list[str]]


class ShareFailed(Exception):
    """Another process could not write its part; it has said why. Seeding again goes on."""


def shop_seed(shop: DemoShop, cards: SavedCards, out: TextIO, share_command: ShareCommand | None = None) -> None:
    """Without `share_command` everything is written by this process."""
    if is_seeded(shop):
        return
    merchant = merchant_for(shop)
    story = _story(shop, merchant)
    live = [plan for plan in story.orders if not is_past(plan)]
    with tenant_scope(merchant.pk):
        catalogue_seed(shop, story)
        shoppers_seed(shop, story)
        _write_past(shop, story, out, share_command)
        live_seed(live, cards, merchant.created_at, Progress(out, f"{shop.name}: live orders", len(live)))
        while outbox.dispatch_due():
            pass
        days_drain(merchant_id=merchant.pk, limit=shop.days + 2)
        mark_seeded(merchant)


def share_write(shop: DemoShop, index: int, count: int, out: TextIO) -> None:
    """The part of the past that one of `count` processes writes."""
    merchant = Merchant.objects.get(slug=shop.slug)
    with tenant_scope(merchant.pk):
        _write(shop, share_of(_past(_story(shop, merchant)), index, count), out)


def commit_without_waiting() -> None:
    """What a power cut would take of the last moment is seeded again; waiting for the disk at every step is slow."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


def _story(shop: DemoShop, merchant: Merchant) -> History:
    """The past ends where the shop was made, so that a second go finds the same past."""
    return history(shop, SEED, merchant.created_at)


def _past(story: History) -> list[OrderPlan]:
    return [plan for plan in story.orders if is_past(plan)]


def _write(shop: DemoShop, plans: list[OrderPlan], out: TextIO) -> None:
    past_seed(plans, SEED, Progress(out, f"{shop.name}: past orders", len(plans)))


def _write_past(shop: DemoShop, story: History, out: TextIO, share_command: ShareCommand | None) -> None:
    past = _past(story)
    if share_command is None or len(past) < WORTH_A_PROCESS:
        _write(shop, past, out)
        return
    other = subprocess.Popen(share_command(shop.slug, 1, 2), cwd=Path(settings.BASE_DIR), stdout=subprocess.DEVNULL)
    try:
        _write(shop, share_of(past, 0, 2), out)
        if other.wait():
            raise ShareFailed("A part of the past could not be written; what it says is above. Seeding again goes on.")
    finally:
        other.kill()
        other.wait()


def manage_share_command(slug: str, index: int, count: int) -> list[str]:
    return [sys.executable, "manage.py", "seed_demo", "--share", slug, str(index), str(count)]
