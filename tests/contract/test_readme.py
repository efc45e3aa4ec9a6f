"""The example in README.md is an order that the API takes."""

import json
import re
from pathlib import Path

import pytest

from core import clock
from core.tenancy import tenant_scope
from orders.models import EditWindow, Order

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
pytestmark = pytest.mark.django_db


def body(**more):
    text = README.partition("<<JSON\n")[2].partition("\nJSON\n")[0]
    return {**json.loads(text.replace("$NOW", clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))), **more}


def test_the_first_order_is_taken_and_its_link_made(api, client, merchant):
    placed = api.post("/orders", body())
    assert placed.status_code == 201, placed.content
    link = api.post(f"/orders/{placed.json()['id']}/portal-links")
    assert link.status_code == 201, link.content
    page = client.get(f"/m/{link.json()['url'].partition('/m/')[2]}", follow=True)
    assert "Walnut tray" in page.content.decode()
    with tenant_scope(merchant.pk):
        assert EditWindow.objects.get().state == "open"


def test_the_tender_is_taken_and_belongs_to_the_same_order(api, merchant):
    tender = json.loads("{" + re.search(r'```json\n("tenders": .*?)\n```', README, re.DOTALL)[1] + "}")
    assert api.post("/orders", body(**tender)).status_code == 201
    with tenant_scope(merchant.pk):
        assert Order.objects.get().tenders.get().provider == "stripe"


def test_commands_that_are_named_exist():
    commands = set(re.findall(r"bin/manage ([a-z_]+)", README))
    root = Path(__file__).resolve().parents[2]
    known = {path.stem for path in root.glob("*/management/commands/*.py")}
    assert commands <= known
    assert {"create_merchant", "replay_orders", "screenshots"} <= commands
