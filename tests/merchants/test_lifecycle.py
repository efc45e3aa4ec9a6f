"""Suspending, deleting and exporting a merchant: the other shop, which is just as full, is never touched."""

import io
import json
import os
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from core import clock
from core.ids import new_token
from core.models import TenantModel
from core.tenancy import platform_scope, tenant_scope
from merchants.errors import DeletionBegan, SlugDiffers
from merchants.models import AuditEntry, Membership, Merchant, MerchantDeletion, MerchantExport, User
from merchants.services.deletion import _end, deletion_begin, deletion_order, deletion_step, merchants_delete_due
from merchants.services.export_zip import export_zip
from merchants.services.exports import LEFT_OUT, export_request, exports_write, slice_write
from merchants.services.lifecycle import GRACE, merchant_delete, merchant_keep, merchant_suspend, merchant_unsuspend
from messaging.models import Message
from tests.conftest import NOON
from tests.factories import UserFactory
from tests.faults.test_kill_matrix import KILLER, database_url
from tests.tenancy.conftest import Shop, ours, theirs
from tests.tenancy.enumeration import tenant_models

__all__ = ["ours", "theirs"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def operator(db):
    return UserFactory(email="op@pro.example", is_operator=True)


def fresh(merchant: Merchant) -> Merchant:
    return Merchant.objects.get(pk=merchant.pk)


def counts(merchant: Merchant) -> dict[str, int]:
    """Rows by model, of this merchant; the people who belong to it alone are counted by the test."""
    with platform_scope("test"):
        found = {
            model._meta.label: model._base_manager.filter(merchant_id=merchant.pk).count() for model in tenant_models()
        }
    return {label: count for label, count in found.items() if count}


class TestClosing:
    def test_suspended_with_a_reason_and_opened_again(self, at, merchant, operator):
        merchant_suspend(merchant_id=merchant.pk, reason="Unpaid.", by=operator)
        merchant_suspend(merchant_id=merchant.pk, reason="Unpaid since May.", by=operator)
        closed = fresh(merchant)
        assert (closed.is_suspended, closed.suspended_at, closed.suspension_reason) == (True, NOON, "Unpaid since May.")
        merchant_unsuspend(merchant_id=merchant.pk, by=operator)
        assert (fresh(merchant).is_suspended, fresh(merchant).suspension_reason) == (False, "")
        with tenant_scope(merchant.pk):
            lines = AuditEntry.objects.filter(actor_id=str(operator.pk)).order_by("id").values_list("action", flat=True)
            assert list(lines) == ["merchant.suspended", "merchant.suspended", "merchant.unsuspended"]

    def test_deletion_asks_for_the_slug(self, merchant, operator):
        with pytest.raises(SlugDiffers):
            merchant_delete(merchant_id=merchant.pk, typed_slug="kettle", by=operator)
        assert not fresh(merchant).is_suspended

    @pytest.mark.parametrize("was_suspended", [True, False])
    def test_deletion_closes_at_once_and_can_be_taken_back(self, at, merchant, operator, was_suspended):
        if was_suspended:
            merchant_suspend(merchant_id=merchant.pk, reason="Unpaid.", by=operator)
        merchant_delete(merchant_id=merchant.pk, typed_slug="harrow", by=operator)
        assert fresh(merchant).is_suspended
        assert fresh(merchant).delete_after == NOON + GRACE
        merchant_keep(merchant_id=merchant.pk, by=operator)
        kept = fresh(merchant)
        assert (kept.is_suspended, kept.delete_after) == (was_suspended, None)

    def test_one_that_waits_to_be_deleted_stays_closed(self, merchant, operator):
        merchant_delete(merchant_id=merchant.pk, typed_slug="harrow", by=operator)
        merchant_unsuspend(merchant_id=merchant.pk, by=operator)
        assert fresh(merchant).is_suspended
        with pytest.raises(IntegrityError, match="closed_before_deletion"), transaction.atomic():
            Merchant.objects.filter(pk=merchant.pk).update(is_suspended=False)

    def test_nothing_is_deleted_before_its_time(self, ours, operator):
        with clock.frozen(NOON):
            merchant_delete(merchant_id=ours.merchant.pk, typed_slug="harrow", by=operator)
        before = ours.fingerprint()
        with clock.frozen(NOON + GRACE - timedelta(seconds=1)):
            merchants_delete_due()
        assert ours.fingerprint() == before
        assert not MerchantDeletion.objects.exists()


def doomed(shop: Shop, operator: User) -> Merchant:
    """A full shop that is due, with somebody who works at both, and an operator who helps out."""
    merchant_delete(merchant_id=shop.merchant.pk, typed_slug=shop.merchant.slug, by=operator, grace=timedelta(0))
    return shop.merchant


class TestDeletion:
    def test_every_table_is_in_the_order_and_children_go_first(self):
        order = deletion_order()
        assert set(order) == set(tenant_models())
        for model in order:
            for field in model._meta.concrete_fields:
                if isinstance(field.related_model, type) and issubclass(field.related_model, TenantModel):
                    assert order.index(model) < order.index(field.related_model), f"{model} before {field}"

    def test_nothing_is_left_and_the_other_shop_is_as_it_was(self, ours, theirs, operator):
        both = UserFactory(email="both@shops.example")
        for shop in (ours, theirs):
            with tenant_scope(shop.merchant.pk):
                Membership.objects.create(user=both, role="support")
        with tenant_scope(ours.merchant.pk):
            Membership.objects.create(user=operator, role="support")
            only_here = set(Membership.objects.values_list("user_id", flat=True)) - {both.pk, operator.pk}
        people = set(User.objects.values_list("pk", flat=True))
        doomed(ours, operator)
        expected = counts(ours.merchant)
        before = theirs.fingerprint()
        assert merchants_delete_due() >= 1
        assert counts(ours.merchant) == {}
        assert not Merchant.objects.filter(pk=ours.merchant.pk).exists()
        assert theirs.fingerprint() == before
        assert set(User.objects.values_list("pk", flat=True)) == people - only_here
        left = MerchantDeletion.objects.get()
        assert left.rows == expected | {"merchants.User": len(only_here)}
        assert (left.name, left.slug, left.requested_by) == ("Harrow & Pine", "harrow", "op@pro.example")
        assert left.finished_at is not None

    def test_small_steps_add_up_and_once_begun_there_is_no_way_back(self, ours, operator):
        merchant = doomed(ours, operator)
        expected = counts(merchant)
        deletion_begin(merchant.pk)
        assert deletion_step(merchant.pk, limit=3)
        assert sum(MerchantDeletion.objects.get().rows.values()) == 3
        with pytest.raises(DeletionBegan):
            merchant_keep(merchant_id=merchant.pk, by=operator)
        while deletion_step(merchant.pk, limit=3):
            pass
        rows = MerchantDeletion.objects.get().rows
        rows.pop("merchants.User")
        assert rows == expected
        assert not deletion_step(merchant.pk), "done is done"

    def test_the_end_waits_for_whoever_still_writes(self, ours, operator):
        merchant = doomed(ours, operator)
        deletion_begin(merchant.pk)
        deletion = MerchantDeletion.objects.get()
        with tenant_scope(merchant.pk):
            assert not _end(merchant.pk, deletion), "rows point to it"
        assert Merchant.objects.filter(pk=merchant.pk).exists()
        assert deletion.finished_at is None

    def test_history_goes_only_with_its_own_merchant(self, ours, theirs):
        for named, scope in ((ours, theirs), (theirs, ours)):
            with tenant_scope(scope.merchant.pk), pytest.raises(IntegrityError, match="never"), purging(named):
                AuditEntry.objects.all()._raw_delete("default")

    def test_history_that_may_go_may_still_not_change(self, ours):
        with tenant_scope(ours.merchant.pk), pytest.raises(IntegrityError, match="never"), purging(ours):
            AuditEntry.objects.update(action="nothing.happened")


@contextmanager
def purging(shop: Shop):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.purge', %s, true)", [str(shop.merchant.pk)])
        yield


def test_two_workers_do_not_delete_at_once(transactional_db, merchant, request):
    doomed(request.getfixturevalue("ours"), UserFactory(email="op@pro.example", is_operator=True))
    deletion_begin(merchant.pk)
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT 1 FROM merchants_merchantdeletion FOR UPDATE")
        assert not deletion_step(merchant.pk), "somebody is at it"
        assert counts(merchant) != {}
    assert deletion_step(merchant.pk)


DRIVER = """
import django, sys
django.setup()
from merchants.services.deletion import deletion_begin, deletion_step
deletion_begin(int(sys.argv[1]))
while deletion_step(int(sys.argv[1]), limit=7):
    pass
"""


@pytest.mark.parametrize(
    "point", ["call:merchants.services.deletion._delete_people", "call:merchants.services.deletion._end"]
)
def test_killed_in_the_middle_it_goes_on(transactional_db, tmp_path, merchant, other_merchant, point, request):
    ours, theirs = request.getfixturevalue("ours"), request.getfixturevalue("theirs")
    doomed(ours, UserFactory(email="op@pro.example", is_operator=True))
    expected, before = counts(merchant), theirs.fingerprint()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "PYTHONPATH": str(KILLER),
        "DIE_AT": point,
        "DIE_ONCE": str(tmp_path / "died"),
    }
    command = [sys.executable, "-c", DRIVER, str(merchant.pk)]
    died = subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False)
    assert died.returncode == -9
    assert Merchant.objects.filter(pk=merchant.pk).exists()
    assert counts(merchant) != expected, "some steps were made"
    merchants_delete_due()
    left = MerchantDeletion.objects.get()
    left.rows.pop("merchants.User")
    assert left.rows == expected
    assert counts(merchant) == {}
    assert theirs.fingerprint() == before


class TestExport:
    def unzip(self, export: MerchantExport, merchant: Merchant) -> zipfile.ZipFile:
        archive = zipfile.ZipFile(io.BytesIO(b"".join(export_zip(export, merchant))))
        assert archive.testzip() is None
        return archive

    def test_everything_of_this_shop_and_nothing_secret_or_foreign(self, ours, theirs, operator):
        merchant, link = ours.merchant, new_token()
        with tenant_scope(merchant.pk):
            Message.objects.update(text=f"See https://a.example/l/{link}/ now")
        export = export_request(merchant_id=merchant.pk, by=operator)
        expected = counts(merchant)
        while exports_write():
            pass
        with tenant_scope(merchant.pk):
            export.refresh_from_db()
        assert export.state == "done"
        archive = self.unzip(export, merchant)
        manifest = json.loads(archive.read("manifest.json"))
        left_out = {model._meta.label for model in LEFT_OUT}
        wanted = {label: rows for label, rows in expected.items() if label not in left_out}
        assert {name: file["rows"] for name, file in manifest["files"].items()} == {
            f"data/{label}.jsonl": rows for label, rows in wanted.items()
        }
        assert manifest["merchant"]["slug"] == "harrow"
        everything = b"".join(archive.read(name) for name in archive.namelist())
        for foreign in theirs.ids():
            assert not (len(foreign) > 30 and foreign.encode() in everything)
        for model, field in (("merchants.ApiKey", "secret_hash"), ("portal.PortalLink", "token_hash")):
            assert str(getattr(ours.rows[model], field)).encode() not in everything
            assert f"{model}.{field}" in manifest["left_out"]["fields"]
        assert link.encode() not in everything
        assert b"See https://a.example/l/[token]/ now" in everything
        assert "payments.StripeAccount.webhook_secret" in manifest["left_out"]["fields"]
        [member, *_] = map(json.loads, archive.read("data/merchants.Membership.jsonl").splitlines())
        assert "@" in member["user_email"]

    def test_slices_join_without_a_seam(self, ours, operator):
        export = export_request(merchant_id=ours.merchant.pk, by=operator)
        with tenant_scope(ours.merchant.pk):
            ids = {str(pk) for pk in AuditEntry.objects.values_list("pk", flat=True)}
            while slice_write(export.pk, limit=1):
                pass
            export.refresh_from_db()
        lines = self.unzip(export, ours.merchant).read("data/merchants.AuditEntry.jsonl").splitlines()
        assert [json.loads(line)["id"] for line in lines] == sorted(ids)

    def test_asking_is_audited(self, ours, operator):
        export = export_request(merchant_id=ours.merchant.pk, by=operator)
        with tenant_scope(ours.merchant.pk):
            line = AuditEntry.objects.get(object_id=str(export.pk))
            assert (line.action, line.actor_id) == ("merchant_export.requested", str(operator.pk))

    def test_a_deleted_shop_takes_its_exports_along(self, ours, operator):
        export_request(merchant_id=ours.merchant.pk, by=operator)
        exports_write()
        doomed(ours, operator)
        merchants_delete_due()
        assert counts(ours.merchant) == {}
