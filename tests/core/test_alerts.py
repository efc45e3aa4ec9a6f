"""Alerts: one mail a day and cause, in one letter; gone when the cause is; looked for where nobody can raise them."""

import socket
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from core import clock, pulse
from core.alerts import alert_raise, alert_resolve, alerts_settle, causes
from core.alerts.causes import KEPT_FOR, MAX_BACKUP_AGE, causes_look
from core.alerts.mail import LEASE, alerts_mail
from core.ids import uuid7
from core.models import Alert, BackupRecord, OutboxEvent
from core.tenancy import tenant_scope
from tests.conftest import NOON
from tests.factories import MerchantFactory, UserFactory
from tests.tenancy.rows import one_of_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return UserFactory(email="op@pro.example", is_operator=True)


@pytest.fixture
def raised(django_capture_on_commit_callbacks):
    """Raise, and mail as the commit would."""

    def do(kind="import", key="1", message="Import 1 does not add up."):
        with django_capture_on_commit_callbacks(execute=True):
            return alert_raise(kind, key, message)

    return do


def test_operators_are_mailed_once_until_it_is_resolved(at, operator, raised):
    raised()
    raised(message="Import 1 still does not add up.")
    [letter] = mail.outbox
    assert letter.to == ["op@pro.example"]
    assert letter.subject == "[PRO Platform] Import 1 does not add up."
    assert "http://127.0.0.1:8000/platform/" in letter.body
    assert Alert.objects.get().message == "Import 1 still does not add up."
    assert alert_resolve("import", "1")
    assert not alert_resolve("import", "1")
    raised()
    assert len(mail.outbox) == 2
    assert Alert.objects.count() == 2


def test_what_is_still_wrong_after_a_day_is_mailed_again(operator, raised):
    for hours, letters in ((0, 1), (23, 1), (24, 2), (25, 2)):
        with clock.frozen(NOON + timedelta(hours=hours)):
            raised()
        assert len(mail.outbox) == letters
    assert Alert.objects.count() == 1


def test_several_go_in_one_letter(operator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        alert_raise("import", "1", "Import 1 does not add up.")
        alert_raise("import", "2", "Import 2 does not add up.")
    [letter] = mail.outbox
    assert letter.subject.endswith("Import 1 does not add up. (and 1 more)")
    assert "Import 2 does not add up." in letter.body


def test_named_addresses_go_before_operators(settings, operator, raised):
    settings.OPERATOR_EMAILS = ["night@pro.example", "day@pro.example"]
    raised()
    assert mail.outbox[0].to == ["night@pro.example", "day@pro.example"]


def test_a_mail_server_that_is_down_is_tried_again(settings, operator, raised):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    with clock.frozen(NOON):
        raised()
        assert Alert.objects.get().mailed_at is None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with clock.frozen(NOON + LEASE / 2):
        assert alerts_mail() == 0, "somebody may still be mailing it"
    with clock.frozen(NOON + LEASE):
        assert alerts_mail() == 1
        assert alerts_mail() == 0
    assert len(mail.outbox) == 1


def test_an_address_that_cannot_be_stops_nobody_who_raises(settings, operator, raised):
    """Beat is one of them."""
    settings.OPERATOR_EMAILS = ["nöel;@pro.example"]
    raised()
    assert Alert.objects.get().mailed_at is None


def test_with_nobody_to_mail_it_stays_due(raised):
    raised()
    assert mail.outbox == []
    assert Alert.objects.get().mail_due_at is not None


def test_settling_resolves_what_is_no_longer_there():
    alerts_settle("metrics", {"1": "One.", "2": "Two."})
    alert_raise("import", "1", "Another kind.")
    alerts_settle("metrics", {"2": "Two, still."})
    still = Alert.objects.filter(resolved_at=None).order_by("kind")
    assert list(still.values_list("kind", "key", "message")) == [
        ("import", "1", "Another kind."),
        ("metrics", "2", "Two, still."),
    ]


def open_alerts() -> dict[str, str]:
    return dict(Alert.objects.filter(resolved_at=None).values_list("kind", "message"))


class TestCauses:
    @pytest.fixture(autouse=True)
    def _alive(self, at):
        pulse.beat_pulse()

    def test_nothing_is_wrong(self):
        causes_look()
        assert open_alerts() == {}

    def test_where_more_shops_have_dead_letters_than_are_named_nobody_is_mailed_twice(self, at, operator, monkeypatch):
        monkeypatch.setattr(causes, "MERCHANTS_NAMED", 2)
        shops = [MerchantFactory() for _ in range(4)]
        for second, shop in enumerate(shops):
            self._give_up(shop, count=second + 1)
            with clock.frozen(at + timedelta(seconds=second)):
                causes_look()
        assert Alert.objects.count() == 2
        assert len(mail.outbox) == 2, "one for each that is named"
        self._give_up(shops[0], count=0)
        causes_look()
        assert {*open_alerts(), *Alert.objects.filter(resolved_at=None).values_list("key", flat=True)} == {
            *("dead_letters", str(shops[1].pk), str(shops[3].pk)),
        }, "who is well again makes room for who has most"

    def _give_up(self, shop, count):
        with tenant_scope(shop.pk):
            OutboxEvent.objects.all().delete()
            for _ in range(count):
                OutboxEvent.objects.create(
                    name="x",
                    aggregate_type="x",
                    aggregate_id=uuid7(),
                    occurred_at=NOON,
                    next_attempt_at=NOON,
                    state="dead",
                )

    def test_dead_letters_until_they_are_replayed(self, merchant):
        with tenant_scope(merchant.pk):
            one_of_everything()
        causes_look()
        assert open_alerts() == {"dead_letters": "Harrow & Pine: 1 event was given up."}
        with tenant_scope(merchant.pk):
            OutboxEvent.objects.filter(state="dead").update(state="pending")
        causes_look()
        assert open_alerts() == {}

    def test_a_silent_beat(self, settings):
        later = NOON + timedelta(seconds=settings.ALERT_AFTER_SECONDS + 1)
        with clock.frozen(later):
            causes_look()
        assert "Beat is silent" in open_alerts()["beat"]
        causes_look()
        assert open_alerts() == {}

    def test_a_worker_that_looks_is_alive(self):
        alert_raise("worker", "", "No worker runs.")
        causes_look()
        assert open_alerts() == {}

    def test_what_is_long_gone_is_forgotten(self):
        for days, key in ((KEPT_FOR.days + 1, "old"), (1, "new")):
            with clock.frozen(NOON - timedelta(days=days)):
                alert_raise("import", key, "It did not add up.")
                alert_resolve("import", key)
        causes_look()
        assert list(Alert.objects.values_list("key", flat=True)) == ["new"]

    def test_an_old_backup(self, operator):
        made = {"finished_at": NOON, "name": "pro.backup", "size": 1}
        BackupRecord.objects.create(taken_at=NOON - MAX_BACKUP_AGE - timedelta(minutes=1), **made)
        causes_look()
        assert "The last backup is of 2026-03-08 23:59 UTC" in open_alerts()["backup"]
        BackupRecord.objects.create(taken_at=NOON, **made)
        causes_look()
        assert open_alerts() == {}
