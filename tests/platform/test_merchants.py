"""Operators make merchants, close them, delete them and hand them their data."""

import io
import re
import smtplib
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from core import clock
from core.tenancy import tenant_scope
from merchants.models import AuditEntry, Membership, Merchant, MerchantExport
from merchants.services.deletion import merchants_delete_due
from merchants.services.exports import exports_write
from merchants.services.lifecycle import GRACE
from tests.factories import UserFactory
from tests.tenancy.rows import one_of_everything

LIST = "/platform/merchants/merchant/"
NEW = {
    "name": "Fern & Co",
    "slug": "fern",
    "currency": "eur",
    "time_zone": "Europe/Berlin",
    "locale": "de-DE",
    "owner_email": "Ines@fern.example",
}


def at(merchant: Merchant, page: str) -> str:
    return f"{LIST}{merchant.pk}/{page}/"


class TestCreation:
    @pytest.fixture
    def create(self, ops, django_capture_on_commit_callbacks):
        def post(**changes):
            with django_capture_on_commit_callbacks(execute=True):
                return ops.post(f"{LIST}add/", {**NEW, **changes}, follow=True)

        return post

    def test_the_owner_gets_a_link_that_sets_a_password_at_the_shop(self, create, operator):
        assert "Fern &amp; Co is saved" in create().content.decode()
        merchant = Merchant.objects.get(slug="fern")
        assert (merchant.currency, merchant.time_zone, merchant.locale) == ("EUR", "Europe/Berlin", "de-DE")
        with tenant_scope(merchant.pk):
            assert AuditEntry.objects.get(action="merchant.created").actor_id == str(operator.pk)
        [letter] = mail.outbox
        assert letter.to == ["ines@fern.example"]
        link = re.search(r"http://127.0.0.1:8000(/m/fern/\S+)", letter.body).group(1)
        owner = Client()
        form = owner.get(link, follow=True)
        answer = owner.post(form.redirect_chain[-1][0], {"password1": "walnut-tray-41", "password2": "walnut-tray-41"})
        assert answer.status_code == 302
        assert owner.login(email="ines@fern.example", password="walnut-tray-41")

    def test_somebody_who_is_known_is_only_told(self, create):
        person = UserFactory(email="ines@fern.example")
        person.set_password("a-password-1")
        person.save()
        create()
        assert "/password/" not in mail.outbox[0].body
        assert "/m/fern/admin/" in mail.outbox[0].body

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("slug", "harrow"), ("slug", "HARROW"), ("slug", "a/b"), ("name", "Fern\nBcc: x@evil.example")),
            *(("currency", "XYZ"), ("time_zone", "Mars"), ("owner_email", "ines")),
        ],
    )
    def test_mistakes_stand_beside_their_field(self, create, merchant, field, value):
        answer = create(**{field: value})
        assert list(answer.context["adminform"].form.errors) == [field]
        assert Merchant.objects.count() == 1
        assert mail.outbox == []

    def test_without_a_mail_server_the_merchant_is_there_and_the_operator_knows(self, ops, settings, db):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        merchant = Merchant.objects.create(slug="fern", name="Fern", currency="EUR")
        with tenant_scope(merchant.pk):
            Membership.objects.create(user=UserFactory(email="ines@fern.example"), role="owner")
        page = ops.post(at(merchant, "do/invite"), follow=True).content.decode()
        assert "The mail to ines@fern.example could not be sent" in page
        assert issubclass(smtplib.SMTPException, OSError)


class TestClosing:
    def test_suspended_staff_read_why_and_see_nothing_else(self, ops, merchant):
        owner = UserFactory()
        with tenant_scope(merchant.pk):
            Membership.objects.create(user=owner, role="owner")
        staff = Client()
        staff.force_login(owner)
        assert ops.get(at(merchant, "suspend")).status_code == 200
        assert "This field is required" in ops.post(at(merchant, "suspend"), {"reason": " "}).content.decode()
        page = ops.post(at(merchant, "suspend"), {"reason": "Unpaid <since> May."}, follow=True).content.decode()
        assert "Unpaid &lt;since&gt; May." in page
        for address in ("", "orders/order/", "merchants/merchant/"):
            answer = staff.get(f"/m/harrow/admin/{address}")
            assert answer.status_code == 403
            text = answer.content.decode()
            assert "This shop is suspended" in text
            assert "Unpaid &lt;since&gt; May." in text
            assert "nav-sidebar" not in text
        stranger = Client()
        assert stranger.get("/m/harrow/admin/").status_code == 302, "the reason is for staff alone"
        stranger.force_login(UserFactory())
        assert stranger.get("/m/harrow/admin/").status_code == 404
        assert staff.post("/m/harrow/admin/logout/").status_code == 302
        staff.force_login(owner)
        assert "open again" in ops.post(at(merchant, "do/unsuspend"), follow=True).content.decode()
        assert staff.get("/m/harrow/admin/").status_code == 200

    def test_deletion_asks_for_the_address_and_waits(self, ops, merchant):
        assert "Type harrow to confirm" in ops.get(at(merchant, "remove")).content.decode()
        wrong = ops.post(at(merchant, "remove"), {"slug": "kettle"})
        assert "Nothing was changed" in wrong.content.decode()
        page = ops.post(at(merchant, "remove"), {"slug": "harrow"}, follow=True).content.decode()
        assert "To be deleted" in page
        assert "op@pro.example" in page
        owner = UserFactory()
        with tenant_scope(merchant.pk):
            Membership.objects.create(user=owner, role="owner")
        staff = Client()
        staff.force_login(owner)
        assert "will be deleted" in staff.get("/m/harrow/admin/").content.decode()
        assert staff.get("/m/harrow/find/").status_code == 503
        kept = ops.post(at(merchant, "do/keep"), follow=True).content.decode()
        assert "is kept and open again" in kept
        assert staff.get("/m/harrow/admin/").status_code == 200

    def test_what_is_over_is_listed(self, ops, merchant, operator):
        ops.post(at(merchant, "remove"), {"slug": "harrow"})
        with clock.frozen(clock.now() + GRACE + timedelta(seconds=1)):
            merchants_delete_due()
        assert ops.get(at(merchant, "change")).status_code == 404
        page = ops.get("/platform/merchants/merchantdeletion/?q=harrow")
        assert "Harrow &amp; Pine" in page.content.decode()

    def test_history_shows_what_operators_did(self, ops, merchant):
        ops.post(at(merchant, "suspend"), {"reason": "Unpaid."})
        page = ops.get(at(merchant, "history")).content.decode()
        assert "Merchant suspended" in page
        assert "Olga Operator" in page


def test_an_export_is_written_and_downloaded(ops, merchant, other_merchant, operator):
    with tenant_scope(merchant.pk):
        one_of_everything()
    ops.post(at(merchant, "do/export"))
    with tenant_scope(merchant.pk):
        export = MerchantExport.objects.latest("created_at")
    url = at(merchant, f"exports/{export.pk}")
    assert ops.get(url).status_code == 404, "not written yet"
    exports_write()
    assert url in ops.get(at(merchant, "change")).content.decode()
    answer = ops.get(url)
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert "data/orders.Order.jsonl" in archive.namelist()
    with tenant_scope(merchant.pk):
        actions = set(AuditEntry.objects.filter(object_id=str(export.pk)).values_list("action", flat=True))
    assert actions == {"merchant_export.requested", "merchant_export.downloaded"}
    assert ops.get(at(other_merchant, f"exports/{export.pk}")).status_code == 404
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        ops.force_login(operator)
        assert ops.get(url).status_code == 404
        assert "Expired" in ops.get(at(merchant, "change")).content.decode()
