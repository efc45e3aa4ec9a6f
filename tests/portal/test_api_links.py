"""POST /api/v1/orders/{id}/portal-links."""

import pytest

from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from portal.models import PortalLink
from tests.api_client import ApiClient
from tests.api_fixtures import issue_key
from tests.order_bodies import order_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def partner(merchant):
    return ApiClient(issue_key(merchant))


def test_the_link_opens_the_order_page(partner, client, merchant):
    order_id = partner.post("/orders", order_body()).json()["id"]
    answer = partner.post(f"/orders/{order_id}/portal-links")
    assert answer.status_code == 201, answer.content
    path = answer.json()["url"].removeprefix("http://127.0.0.1:8000")
    page = client.get(path, follow=True)
    assert page.status_code == 200
    assert "1001" in page.content.decode()
    with tenant_scope(merchant.pk):
        token = path.rstrip("/").rpartition("/")[2]
        assert not PortalLink.objects.filter(token_hash=token).exists()
        assert AuditEntry.objects.filter(action="portal_link.created", object_id=order_id).count() == 1


def test_each_call_makes_a_fresh_one(partner):
    order_id = partner.post("/orders", order_body()).json()["id"]
    urls = {partner.post(f"/orders/{order_id}/portal-links").json()["url"] for _ in range(2)}
    assert len(urls) == 2


def test_another_merchants_order_is_404(partner, other_merchant):
    order_id = partner.post("/orders", order_body()).json()["id"]
    stranger = ApiClient(issue_key(other_merchant))
    assert stranger.post(f"/orders/{order_id}/portal-links").status_code == 404


def test_it_needs_the_scope_to_write(merchant, partner):
    order_id = partner.post("/orders", order_body()).json()["id"]
    reader = ApiClient(issue_key(merchant, scopes=["orders:read"]))
    assert reader.post(f"/orders/{order_id}/portal-links").status_code == 403
