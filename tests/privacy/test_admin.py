"""The customer page: data handed out as a zip, a person erased with a typed word, mail stopped and allowed."""

import io
import json
import zipfile

import pytest

from merchants.models import AuditEntry
from messaging.selectors import is_suppressed
from orders.models import Customer
from tests.admin.conftest import member, staff
from tests.factories import CustomerInputFactory, paid_order
from tests.tenancy.rows import one_of_everything

__all__ = ["member", "staff"]


@pytest.fixture
def customer(scope):
    return paid_order().customer


def page(customer, what=""):
    return f"/m/harrow/admin/orders/customer/{customer.pk}/{what or 'change/'}"


def test_data_is_handed_out_as_files_with_a_page_that_explains_them(staff, customer):
    answer = staff("manager").post(page(customer, "do/export_data/"))
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        readme = archive.read("README.txt").decode()
        assert "What Harrow & Pine holds about you" in readme
        assert json.loads(archive.read("customer.json"))["email"] == customer.email
        assert set(archive.namelist()) == {"README.txt", *(line for line in readme.splitlines() if ".json" in line)}
    assert AuditEntry.objects.get(action="customer.data_exported").object_id == str(customer.pk)


@pytest.mark.parametrize(("typed", "reason"), [(None, ""), ("erase", "requested"), ("", "requested"), ("ERASE", "Ada")])
def test_nothing_is_erased_before_the_word_is_typed(staff, customer, typed, reason):
    data = {} if typed is None else {"typed": typed, "reason": reason}
    answer = staff("owner").post(page(customer, "do/erase/"), data)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "This cannot be undone" in shown
    assert ("Nothing was erased" in shown) == (typed is not None)
    assert not Customer.objects.exclude(erased_at=None).exists()


def test_who_has_the_same_address_is_named_and_stays(staff, customer):
    guest = paid_order(
        external_id="g", customer=CustomerInputFactory(external_id=customer.email, email=customer.email.upper())
    )
    paid_order(external_id="o", customer=CustomerInputFactory(external_id="other", email="other@mail.example"))
    client = staff("owner")
    shown = client.post(page(customer, "do/erase/")).content.decode()
    assert "erase them too" in shown
    assert page(guest.customer) in shown
    Customer.objects.update(email="", email_normalised="")
    assert "erase them too" not in client.post(page(customer, "do/erase/")).content.decode()


def test_erased_with_the_word_and_told_what_became_of_it(staff, customer):
    client = staff("owner")
    answer = client.post(page(customer, "do/erase/"), {"typed": "ERASE", "reason": "not_needed"}, follow=True)
    shown = answer.content.decode()
    assert "This customer is erased" in shown
    assert "The data is no longer needed" in shown
    assert "makes a new customer" in shown
    assert customer.email not in shown
    assert "Mara" not in shown
    assert "Erase…" not in shown
    again = client.post(page(customer, "do/erase/"), {"typed": "ERASE", "reason": "requested"}, follow=True)
    assert "cannot be done any more" in again.content.decode()
    assert "Customer erased" in client.get(page(customer, "history/")).content.decode()


@pytest.mark.parametrize("role", ["support", "analyst"])
def test_only_owners_and_managers_may(staff, customer, role):
    client = staff(role)
    for action in ("export_data", "erase"):
        assert (
            client.post(page(customer, f"do/{action}/"), {"typed": "ERASE", "reason": "requested"}).status_code == 403
        )
    if role == "support":
        assert "Erase…" not in client.get(page(customer)).content.decode()
    customer.refresh_from_db()
    assert customer.erased_at is None


def test_a_refusal_is_told_on_the_page(staff, scope):
    customer = one_of_everything()["orders.Customer"]
    answer = staff("owner").post(page(customer, "do/erase/"), {"typed": "ERASE", "reason": "requested"}, follow=True)
    assert "is under way. Erase them when it is done" in answer.content.decode()


def test_mail_is_stopped_and_allowed_again(staff, customer):
    client = staff("support")
    shown = client.post(page(customer, "do/block_mail/"), follow=True).content.decode()
    assert "Blocked by staff" in shown
    assert is_suppressed("email", customer.email, "transactional") == "manual"
    shown = client.post(page(customer, "do/allow_mail/"), follow=True).content.decode()
    assert "Blocked by staff" not in shown
    assert is_suppressed("email", customer.email, "marketing") == ""
    assert AuditEntry.objects.filter(action__in=["customer.mail_stopped", "suppression.lifted"]).count() == 2
