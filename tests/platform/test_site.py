"""The operators' pages: who comes in, what they show empty and full, and that they cost little."""

import pytest
from django.test import Client
from django.utils import timezone

from core.alerts import alert_raise
from core.db import slow
from core.models import Alert, OutboxEvent
from core.tasks import heartbeat
from core.tenancy import platform_scope, tenant_scope
from merchants.models import AuditEntry, Membership, Merchant, MerchantDeletion
from pro_platform.platform.site import platform_site
from tests.factories import MerchantFactory, UserFactory
from tests.tenancy.rows import one_of_everything

PAGES = ["", "server/", *(f"{model._meta.app_label}/{model._meta.model_name}/" for model in platform_site._registry)]


@pytest.fixture
def full(merchant: Merchant) -> Merchant:
    with tenant_scope(merchant.pk):
        one_of_everything()
    alert_raise("import", "1", "Import 1 does not add up.")
    slow.keep("SELECT slow FROM somewhere WHERE thing = %s", 900)
    MerchantDeletion.objects.create(
        merchant_number=0, slug="gone", name="Gone Ltd", requested_by="op@pro.example", requested_at=timezone.now()
    )
    heartbeat()
    return merchant


@pytest.mark.parametrize("page", PAGES)
def test_only_operators_come_in(db, page, merchant):
    assert Client().get(f"/platform/{page}")["Location"] == f"/accounts/login/?next=/platform/{page}"
    owner = UserFactory()
    with tenant_scope(merchant.pk):
        Membership.objects.create(user=owner, role="owner")
    client = Client()
    client.force_login(owner)
    assert client.get(f"/platform/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_when_there_is_nothing(ops, page):
    assert ops.get(f"/platform/{page}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_when_there_is_much(ops, page, full, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        answer = ops.get(f"/platform/{page}")
    assert answer.status_code == 200


def test_pages_open_without_valkey(ops, full, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "no answer" in ops.get("/platform/").content.decode()
    assert "does not answer" in ops.get("/platform/server/").content.decode()


def test_the_front_page_says_how_the_house_is(ops, full):
    page = ops.get("/platform/").content.decode()
    assert "Import 1 does not add up." in page
    assert "/platform/core/outboxevent/?q=harrow" in page
    assert "0 s ago" in page
    figures = {one["label"]: one["value"] for row in ops.get("/platform/").context["figures"] for one in row}
    assert (figures["Merchants"], figures["Events given up"], figures["Slow queries"]) == ("1", "1", "1")


def test_servers_page_names_versions_tables_and_slow_statements(ops, full):
    page = ops.get("/platform/server/").content.decode()
    assert "SELECT slow FROM somewhere WHERE thing = %s" in page
    assert "orders_order" in page or "core_" in page
    assert dict(ops.get("/platform/server/").context["versions"])["Django"].startswith("5.2")
    assert "all applied" in page


def test_menu_leads_everywhere_and_to_the_operators_own_account(ops):
    page = ops.get("/platform/").content.decode()
    for address in (*(f"/platform/{page}" for page in PAGES), "/accounts/2fa/", "/accounts/password/change/"):
        assert f'href="{address}"' in page
        assert ops.get(address).status_code in (200, 302)


def test_a_given_up_event_is_tried_again_and_the_shop_can_read_who_did_it(ops, operator, full):
    with tenant_scope(full.pk):
        event = OutboxEvent.objects.get(state="dead")
    listed = ops.get("/platform/core/outboxevent/?q=harrow").content.decode()
    assert "TimeoutError" in listed
    assert "TimeoutError" not in ops.get("/platform/core/outboxevent/?q=kettle").content.decode()
    assert ops.get(f"/platform/core/outboxevent/{event.pk}/change/").status_code == 200
    ops.post(f"/platform/core/outboxevent/{event.pk}/do/replay/")
    with tenant_scope(full.pk):
        event.refresh_from_db()
        assert event.state == "pending"
        line = AuditEntry.objects.get(action="outbox_event.replayed")
        assert (line.actor_id, line.before, line.after) == (str(operator.pk), {"state": "dead"}, {"state": "pending"})


def test_several_are_tried_again_at_once(ops, full):
    with platform_scope("test"):
        ids = [str(pk) for pk in OutboxEvent.objects.filter(state="dead").values_list("pk", flat=True)]
    ops.post("/platform/core/outboxevent/", {"action": "replay", "_selected_action": ids})
    with platform_scope("test"):
        assert not OutboxEvent.objects.filter(state="dead").exists()


def test_an_alert_is_closed_by_hand(ops, full):
    alert = Alert.objects.get()
    assert "Import 1" in ops.get("/platform/core/alert/?state=open").content.decode()
    assert ops.get(f"/platform/core/alert/{alert.pk}/change/").status_code == 200
    ops.post(f"/platform/core/alert/{alert.pk}/do/resolve/")
    alert.refresh_from_db()
    assert alert.resolved_at is not None
    assert "Import 1" not in ops.get("/platform/core/alert/?state=open").content.decode()


def test_ten_thousand_merchants_are_paged_and_found(ops, db, django_assert_max_num_queries):
    Merchant.objects.bulk_create(
        MerchantFactory.build(slug=f"shop-{n:05}", name=f"Shop number {n}") for n in range(10_000)
    )
    with django_assert_max_num_queries(10):
        last = ops.get("/platform/merchants/merchant/?p=200").content.decode()
    assert "shop-09999" in last
    assert "10000 merchants" in last
    found = ops.get("/platform/merchants/merchant/?q=number+4711").content.decode()
    assert "shop-04711" in found
    assert "shop-04712" not in found
