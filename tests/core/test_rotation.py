"""Keys can be changed: all that is stored moves to the newest, a kill costs nothing, and the end is proven."""

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from core import rotation
from core.clock import now
from core.crypto import EncryptedTextField, keyed_hash, pepper_version
from core.ids import uuid7
from core.models import IdempotencyRecord
from core.rotation import rotate
from core.tenancy import platform_scope, tenant_scope
from giftcards.models import OpeningBalance
from messaging.models import Suppression
from tests.factories import UserFactory
from tests.tenancy.rows import one_of_everything

pytestmark = pytest.mark.django_db


def record(body="whsec_very_secret"):
    return IdempotencyRecord.objects.create(
        key=str(uuid7()), fingerprint="f", lease_token=uuid7(), lease_until=now(), body=body
    )


def stored():
    with platform_scope("test"), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM core_idempotencyrecord ORDER BY id")
        return [body for (body,) in cursor.fetchall()]


@pytest.fixture
def new_key(settings):
    """In front of the old one, as an operator starts a rotation."""
    key = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [key, *settings.FIELD_ENCRYPTION_KEYS]
    return key


@pytest.fixture
def outcomes():
    return lambda: {outcome.model: outcome for outcome in rotate() if outcome.rows}


def test_every_secret_of_every_merchant_moves_and_the_old_key_can_go(
    scope, other_merchant, settings, capsys, monkeypatch
):
    monkeypatch.setattr(rotation, "PAGE", 3)
    one_of_everything(currency=scope.currency)
    rows = [record(f"secret {n}") for n in range(10)]
    with tenant_scope(other_merchant.pk):
        record("of the other")
    new = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_keys")
    said = capsys.readouterr().out
    assert "core.IdempotencyRecord (FIELD_ENCRYPTION_KEYS): 11 of 12 rows moved to the newest." in said or (
        "core.IdempotencyRecord (FIELD_ENCRYPTION_KEYS): 12 of 12 rows moved to the newest." in said
    )
    assert "No row stands under an older key of FIELD_ENCRYPTION_KEYS" in said
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert IdempotencyRecord.objects.get(pk=rows[7].pk).body == "secret 7"
    for model in {field.model for field in encrypted_fields()}:
        list(model.objects.all())


def encrypted_fields():
    from django.apps import apps

    return [f for m in apps.get_models() for f in m._meta.concrete_fields if isinstance(f, EncryptedTextField)]


def test_what_moved_already_is_left_alone(scope, new_key, outcomes):
    for n in range(5):
        record(f"secret {n}")
    done = stored()
    assert outcomes()["core.IdempotencyRecord"].moved == 0, "written under the new key"
    assert stored() == done


def test_a_rotation_that_was_killed_goes_on_where_it_stopped(scope, settings, outcomes, monkeypatch):
    """The pages before the kill are committed; here the kill is an error that nothing catches."""
    monkeypatch.setattr(rotation, "PAGE", 2)
    rows = [record(f"secret {n}") for n in range(6)]
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    real, saved = IdempotencyRecord.save, []

    def dying(self, *args, **kwargs):
        if len(saved) == 4:
            raise KeyboardInterrupt
        saved.append(self.pk)
        real(self, *args, **kwargs)

    monkeypatch.setattr(IdempotencyRecord, "save", dying)
    with pytest.raises(KeyboardInterrupt):
        outcomes()
    monkeypatch.setattr(IdempotencyRecord, "save", real)
    found = outcomes()["core.IdempotencyRecord"]
    assert (found.rows, found.moved, found.stuck) == (6, 2, 0)
    assert [IdempotencyRecord.objects.get(pk=row.pk).body for row in rows] == [f"secret {n}" for n in range(6)]


def test_what_stands_under_a_lost_key_is_counted_and_no_key_is_declared_free(scope, settings, capsys):
    record()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    record("new")
    before = stored()
    with pytest.raises(CommandError, match="Older keys of FIELD_ENCRYPTION_KEYS are still in use"):
        call_command("rotate_keys")
    assert "0 of 2 rows moved to the newest. 1 stand under older keys" in capsys.readouterr().out
    assert stored() == before


def test_codes_of_gift_cards_follow_a_new_pepper_and_addresses_keep_the_old(scope, settings, capsys):
    settings.HASH_PEPPERS = ["a" * 40]
    made = keyed_hash(OpeningBalance.peppered.purpose, "GIFT2026")
    card = OpeningBalance.objects.create(
        code="GIFT2026",
        code_hash=made.hash,
        key_version=made.key_version,
        last4="2026",
        currency="USD",
        balance_minor=1,
    )
    old = keyed_hash("messaging.suppression", "mara@mail.example")
    Suppression.objects.create(address_hash=old.hash, key_version=old.key_version, reason="bounced")
    settings.HASH_PEPPERS = ["b" * 40, "a" * 40]
    call_command("rotate_keys")
    said = capsys.readouterr().out
    card.refresh_from_db()
    assert card.code_hash == keyed_hash(OpeningBalance.peppered.purpose, "GIFT2026").hash
    assert card.key_version == pepper_version("b" * 40)
    assert Suppression.objects.get().address_hash == old.hash
    assert "messaging.Suppression (HASH_PEPPERS): 0 of 1 rows moved to the newest. 1 stand hashed under older" in said
    assert "Older HASH_PEPPERS are still in use: keep them listed." in said
    Suppression.objects.all().delete()
    call_command("rotate_keys")
    assert "SECRET_KEY" in (said := capsys.readouterr().out)
    assert "No row stands under an older key of FIELD_ENCRYPTION_KEYS, HASH_PEPPERS, SECRET_KEY" in said


def test_who_is_signed_in_stays_so_when_the_secret_key_changes(db, settings, outcomes):
    user, client = UserFactory(), Client()
    client.force_login(user)
    Session.objects.create(session_key="torn", session_data="nonsense", expire_date=now())
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 30 + "ew" * 15, [old]
    found = outcomes()["sessions.Session"]
    assert (found.rows, found.moved, found.stuck) == (2, 1, 0)
    settings.SECRET_KEY_FALLBACKS = []
    assert client.session["_auth_user_id"] == str(user.pk)
    from django.contrib.auth import get_user
    from django.http import HttpRequest

    request = HttpRequest()
    request.session = client.session
    assert get_user(request) == user


def test_memory_does_not_grow_with_the_rows(scope, new_key):
    """Pages, and no list of all keys."""
    queries = []

    def watch(execute, sql, params, many, context):
        queries.append(sql)
        return execute(sql, params, many, context)

    for n in range(5):
        record(str(n))
    with connection.execute_wrapper(watch):
        list(rotate())
    reads = [sql for sql in queries if sql.startswith("SELECT") and "core_idempotencyrecord" in sql]
    assert reads
    assert all("LIMIT" in sql or "FOR UPDATE" in sql or "COUNT(" in sql for sql in reads)
    assert django_settings.FIELD_ENCRYPTION_KEYS[0] == new_key
