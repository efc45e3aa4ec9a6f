"""Every page of the menu opens, empty and with rows in it."""

import pytest

from merchants.models import Merchant
from tests.admin.conftest import Staff
from tests.tenancy.rows import one_of_everything

LISTS = [
    "orders/order",
    "editing/editsession",
    "orders/customer",
    "payments/paymentintentrecord",
    "messaging/message",
    "metrics/metricday",
    "orders/product",
    "merchants/membership",
    "merchants/apikey",
    "merchants/auditentry",
    "core/outboxevent",
    "core/inboundwebhook",
]


@pytest.mark.parametrize("page", LISTS)
def test_list_is_empty_or_has_rows(staff: Staff, scope: Merchant, page: str) -> None:
    client = staff("owner")
    assert client.get(f"/m/harrow/admin/{page}/").status_code == 200
    rows = one_of_everything()
    app, model = page.split("/")
    row = next(row for row in rows.values() if row._meta.app_label == app and row._meta.model_name == model)
    response = client.get(f"/m/harrow/admin/{page}/")
    assert response.status_code == 200
    assert f"/m/harrow/admin/{page}/{row.pk}/change/" in response.content.decode()
    assert client.get(f"/m/harrow/admin/{page}/{row.pk}/change/").status_code == 200
    assert client.get(f"/m/harrow/admin/{page}/{row.pk}/history/").status_code == 200


def test_index(staff: Staff, scope: Merchant) -> None:
    client = staff("owner")
    empty = client.get("/m/harrow/admin/").content.decode()
    assert "Not enough data yet" in empty
    one_of_everything()
    assert client.get("/m/harrow/admin/").status_code == 200
