"""The shop tells of an order in the very moment in which its customer is erased: nothing of them comes back."""

import threading

import pytest
from django.db import close_old_connections, transaction

from core.tenancy import tenant_scope
from merchants.models import Merchant
from orders.models import Customer, Order
from orders.services import privacy
from orders.services.privacy import customer_erase
from orders.services.revisions import Actor
from tests.factories import CustomerInputFactory, paid_order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("number", ["o-1", "o-2"], ids=["news of their order", "a new order"])
def test_what_arrives_meanwhile_waits(scope: Merchant, monkeypatch, number):
    person = CustomerInputFactory(external_id="c-1", email="mara@mail.example")
    erased = paid_order(external_id="o-1", customer=person).customer
    arriving = threading.Event()

    def arrive() -> None:
        with tenant_scope(scope.pk):
            arriving.set()
            paid_order(external_id=number, version=2, customer=person)
        close_old_connections()

    thread = threading.Thread(target=arrive)
    gathered = privacy._subject

    def gather(customer):
        """The erasure has its locks; the order arrives now and is given time to reach them."""
        thread.start()
        assert arriving.wait(5)
        thread.join(0.5)
        assert thread.is_alive(), "it waits for the customer that is being erased"
        return gathered(customer)

    monkeypatch.setattr(privacy, "_subject", gather)
    with transaction.atomic():
        customer_erase(customer_id=erased.pk, actor=Actor("system"), reason="requested")
    thread.join(10)
    erased.refresh_from_db()
    assert (erased.email, erased.external_id) == ("", f"erased-{erased.pk}")
    if number == "o-1":
        order = Order.objects.select_related("shipping_address").get(external_version=2)
        assert order.customer == erased, "news of an order bring nobody back"
        assert order.shipping_address.line1 == ""
        assert Customer.objects.count() == 1
    else:
        new = Order.objects.get(external_id="o-2").customer
        assert (new.external_id, new.email) == ("c-1", "mara@mail.example")
        assert new != erased
