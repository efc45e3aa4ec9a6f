"""Creating a merchant, its people, its keys, and the log of it all."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction

from core.ids import hash_token
from core.tenancy import NoScope, platform_scope, tenant_scope
from merchants.errors import InvalidMerchant, LastOwner, SlugTaken, UnknownScope
from merchants.models import ApiKey, AuditEntry, Membership, Merchant, User
from merchants.models.api_key import SCOPES
from merchants.services.api_keys import api_key_issue, api_key_revoke
from merchants.services.audit import audit_record
from merchants.services.members import member_remove, member_role_change
from merchants.services.merchants import member_add, merchant_create
from tests.api_client import ApiClient

pytestmark = pytest.mark.django_db


def create(**changes):
    return merchant_create(**{"slug": "fern", "name": "Fern", "currency": "EUR", **changes})


def audit():
    return [(entry.action, entry.object_type) for entry in AuditEntry.objects.order_by("at", "id")]


def test_a_merchant_starts_with_its_owner_and_an_audit_entry():
    merchant = create(owner_email="Ida@Fern.Example", owner_password="a-long-password", time_zone="Europe/Berlin")
    with tenant_scope(merchant.pk):
        owner = Membership.objects.select_related("user").get()
        assert (owner.user.email, owner.role) == ("ida@fern.example", "owner")
        assert owner.user.check_password("a-long-password")
        assert audit() == [("merchant.created", "merchant")]
    assert (merchant.window_minutes, merchant.link_charge_limit_minor, merchant.zone.key) == (
        180,
        10_000,
        "Europe/Berlin",
    )


def test_one_person_may_work_for_two_shops():
    first, second = create(owner_email="ida@fern.example"), create(slug="moss", owner_email="IDA@fern.example")
    assert User.objects.count() == 1
    with platform_scope("test"):
        assert set(Membership.objects.values_list("merchant_id", flat=True)) == {first.pk, second.pk}


def test_a_slug_is_given_once():
    create()
    with pytest.raises(SlugTaken, match="Another merchant uses the address fern"):
        create(name="Another")
    assert Merchant.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"slug": "no spaces"}, "slug: "),
        ({"slug": ""}, "slug: "),
        ({"name": ""}, "name: "),
        ({"currency": "EURO"}, "currency: "),
        ({"currency": "ZZZ"}, "currency: Use a three-letter currency code, like EUR"),
        ({"time_zone": "Berlin"}, "time_zone: Use a name of the IANA time zone database"),
        ({"time_zone": "../../etc/passwd"}, "time_zone: "),
        ({"locale": "xx-YY"}, "locale: Use a language tag"),
        ({"locale": "german"}, "locale: "),
        ({"brand_colour": "green"}, "brand_colour: Give a colour as #rrggbb"),
        ({"support_email": "nobody"}, "support_email: "),
        ({"window_minutes": 59}, "window_minutes: "),
        ({"window_minutes": 1441}, "window_minutes: "),
        ({"window_cut_offs": "15:00"}, "window_cut_offs: Give times of day as HH:MM"),
        ({"window_cut_offs": ["24:00"]}, "window_cut_offs: "),
        ({"window_cut_offs": ["9:00"]}, "window_cut_offs: "),
        ({"window_cut_offs": ["²²:00"]}, "window_cut_offs: "),
        ({"window_cut_offs": [900]}, "window_cut_offs: "),
        ({"blackout_weekdays": [7]}, "blackout_weekdays: Give weekdays as numbers"),
        ({"blackout_weekdays": [True]}, "blackout_weekdays: "),
        ({"blackout_weekdays": list(range(7))}, "blackout_weekdays: Leave at least one weekday"),
        ({"link_charge_limit_minor": -1}, "link_charge_limit_minor: "),
        ({"owner_email": "nobody"}, "owner_email: Enter a valid email address"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_wrong_settings_create_nothing(changes, reason):
    with pytest.raises(InvalidMerchant) as refused:
        create(**changes)
    assert reason in str(refused.value)
    assert not Merchant.objects.exists()
    assert not User.objects.exists()


def test_the_database_holds_the_length_of_the_window_too(merchant):
    with pytest.raises(IntegrityError), transaction.atomic():
        Merchant.objects.filter(pk=merchant.pk).update(window_minutes=1441)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_for_one_slug(django_db_serialized_rollback):
    results = []

    def attempt():
        try:
            results.append(create().slug)
        except SlugTaken as error:
            results.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["fern", "slug_taken", "slug_taken", "slug_taken"]


def test_a_key_is_kept_as_a_hash_and_its_issue_is_logged(scope):
    key, secret = api_key_issue(merchant_id=scope.pk, name="Shop", scopes=["orders:write", "orders:read"])
    assert secret.startswith("sk_")
    assert len(secret) >= 40
    stored = ApiKey.objects.values().get()
    assert secret not in str(stored)
    assert (stored["secret_hash"], stored["prefix"]) == (hash_token(secret), secret[:10])
    assert key.scopes == ["orders:read", "orders:write"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("api_key.issued", str(key.pk))
    assert secret not in str(entry.after)


def test_a_publishable_key_can_be_told_apart(scope):
    assert api_key_issue(merchant_id=scope.pk, name="Widget", scopes=[], kind="publishable")[1].startswith("pk_")


def test_an_unknown_scope_is_refused_and_nothing_kept(scope):
    with pytest.raises(UnknownScope, match="There is no scope everything"):
        api_key_issue(merchant_id=scope.pk, name="Shop", scopes=["everything"])
    assert not ApiKey.objects.exists()


def test_revoking_twice_is_logged_once(scope):
    key, _ = api_key_issue(merchant_id=scope.pk, name="Shop", scopes=[])
    for _ in range(2):
        api_key_revoke(key=key, actor_type="user", actor_id=7)
    assert audit() == [("api_key.issued", "api_key"), ("api_key.revoked", "api_key")]
    assert not ApiKey.objects.get().is_live


def test_a_key_of_another_merchant_is_out_of_reach(scope, other_merchant):
    with tenant_scope(other_merchant.pk):
        foreign, _ = api_key_issue(merchant_id=other_merchant.pk, name="Shop", scopes=[])
    api_key_revoke(key=foreign, actor_type="user", actor_id=7)
    with pytest.raises(NoScope):
        api_key_issue(merchant_id=other_merchant.pk, name="Shop", scopes=[])
    with tenant_scope(other_merchant.pk):
        assert ApiKey.objects.get().is_live


def test_a_shop_keeps_an_owner(scope):
    owner = member_add(merchant=scope, email="ida@harrow.example", role="owner")
    with pytest.raises(LastOwner):
        member_role_change(membership=owner, role="support")
    with pytest.raises(LastOwner):
        member_remove(membership=owner)
    other = member_add(merchant=scope, email="ben@harrow.example", role="owner")
    member_role_change(membership=owner, role="support")
    with pytest.raises(LastOwner):
        member_remove(membership=other)
    member_remove(membership=owner)
    assert [member.user.email for member in Membership.objects.select_related("user")] == ["ben@harrow.example"]


def test_adding_somebody_again_changes_the_role(scope):
    for role in ("support", "manager"):
        member_add(merchant=scope, email="ben@harrow.example", role=role)
    assert [member.role for member in Membership.objects.all()] == ["manager"]


def test_audit_entries_need_a_scope(db):
    with pytest.raises(NoScope):
        audit_record(actor_type="system", actor_id="", action="x", object_type="x", object_id=1)


def test_the_audit_log_cannot_be_rewritten(scope):
    entry = audit_record(actor_type="user", actor_id=7, action="x.done", object_type="x", object_id=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="y.done")
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.delete()


COMMAND = ("create_merchant", "fern", "Fern & Co", "--currency", "eur", "--owner", "ida@fern.example")


def test_the_command_makes_a_shop_that_works(capsys):
    call_command(*COMMAND, "--time-zone", "Europe/Berlin", "--locale", "de-DE", "--password", "a-long-password")
    printed = capsys.readouterr().out
    assert "/m/fern/admin/" in printed
    secret = printed.partition("API key: ")[2].split()[0]
    assert ApiClient(secret).get("/orders").status_code == 200
    merchant = Merchant.objects.get()
    assert (merchant.currency, merchant.locale, merchant.time_zone) == ("EUR", "de-DE", "Europe/Berlin")
    with tenant_scope(merchant.pk):
        assert ApiKey.objects.get().scopes == sorted(SCOPES)
        assert audit() == [("merchant.created", "merchant"), ("api_key.issued", "api_key")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (COMMAND, "Another merchant uses the address fern"),
        ((*COMMAND[:1], "moss", *COMMAND[2:], "--time-zone", "Mars/Olympus"), "time_zone: Use a name"),
        ((*COMMAND[:1], "moss", *COMMAND[2:-1], "nobody"), "owner_email: Enter a valid"),
    ],
    ids=["slug taken", "wrong zone", "wrong e-mail"],
)
def test_the_command_says_what_is_wrong_and_makes_nothing(arguments, message):
    create()
    with pytest.raises(CommandError, match=message):
        call_command(*arguments)
    assert Merchant.objects.count() == 1
    with platform_scope("test"):
        assert not ApiKey.objects.exists()
