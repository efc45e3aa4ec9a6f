"""Encrypted fields: unreadable in the database, unsearchable, invisible in repr, rotatable. Hashes under peppers."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection

from core.clock import now
from core.crypto import Secret, UnreadableSecret, keyed_hash, keyed_hashes
from core.ids import uuid7
from core.models import IdempotencyRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scope")]


def record(body="whsec_very_secret"):
    return IdempotencyRecord.objects.create(
        key=str(uuid7()), fingerprint="f", lease_token=uuid7(), lease_until=now(), body=body
    )


def stored(row):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM core_idempotencyrecord WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def test_it_comes_back_as_it_was_and_stands_encrypted():
    row = record("whsec_very_secret ✓")
    assert "very_secret" not in stored(row)
    assert IdempotencyRecord.objects.get(pk=row.pk).body == "whsec_very_secret ✓"


def test_the_same_text_is_never_stored_alike():
    assert stored(record()) != stored(record())


def test_an_empty_text_stays_empty():
    row = record("")
    assert stored(row) == ""
    assert IdempotencyRecord.objects.get(pk=row.pk).body == ""


def test_repr_hides_the_value_before_and_after_saving():
    row = record()
    assert repr(row.body) == repr(IdempotencyRecord.objects.get(pk=row.pk).body) == "<secret>"
    assert "very_secret" not in repr(vars(row))
    assert f"{Secret('x')}" == "x"


@pytest.mark.parametrize(
    "lookup", ["body", "body__exact", "body__in", "body__contains", "body__iexact", "body__gt", "body__length"]
)
def test_look_ups_are_refused(lookup):
    with pytest.raises(FieldError, match="encrypted"):
        IdempotencyRecord.objects.filter(**{lookup: "x"}).exists()


def test_whether_there_is_one_may_be_asked():
    record()
    assert IdempotencyRecord.objects.filter(body__isnull=False).count() == 1


def test_a_lost_key_is_named_as_the_cause_without_the_value(settings):
    row = record()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(UnreadableSecret, match=r"core\.IdempotencyRecord\.body .* FIELD_ENCRYPTION_KEYS"):
        IdempotencyRecord.objects.get(pk=row.pk)


def test_a_keyed_hash_is_stable_and_of_one_purpose_and_one_pepper(settings):
    settings.HASH_PEPPERS = ["a" * 40]
    first = keyed_hash("address", "anna@example.com")
    assert keyed_hash("address", "anna@example.com") == first
    assert len(first.hash) == 64
    assert keyed_hash("code", "anna@example.com").hash != first.hash
    assert keyed_hash("address", "ben@example.com").hash != first.hash
    settings.HASH_PEPPERS = ["b" * 40]
    second = keyed_hash("address", "anna@example.com")
    assert second.hash != first.hash
    assert second.key_version != first.key_version


def test_what_was_hashed_before_a_rotation_is_found_after_it(settings):
    settings.HASH_PEPPERS = ["a" * 40]
    first = keyed_hash("address", "anna@example.com")
    settings.HASH_PEPPERS = ["b" * 40, "a" * 40]
    newest, oldest = keyed_hashes("address", "anna@example.com")
    assert oldest == first.hash
    assert newest == keyed_hash("address", "anna@example.com").hash
