"""Idempotency-Key: one piece of work per key, and its answer for every repetition."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from core import clock, idempotency
from core.idempotency import Claim, KeyInFlight, KeyReused, StoredAnswer
from core.models import IdempotencyRecord
from core.tenancy import tenant_scope
from orders.models import OrderRevision
from tests.order_bodies import order_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def cancel(api):
    order_id = api.post("/orders", order_body()).json()["id"]
    return lambda key, body=None: api.post(f"/orders/{order_id}/cancel", body, Idempotency_Key=key)


def revisions(merchant):
    with tenant_scope(merchant.pk):
        return OrderRevision.objects.filter(reason="cancelled").count()


class TestOverHttp:
    def test_a_repetition_gets_the_first_answer(self, cancel, merchant):
        first, second = cancel("k1"), cancel("k1")
        assert first.status_code == second.status_code == 200
        assert first.json() == second.json()
        assert "Idempotency-Replayed" not in first.headers
        assert second.headers["Idempotency-Replayed"] == "true"
        assert revisions(merchant) == 1

    def test_another_body_under_a_used_key_is_422(self, cancel):
        cancel("k1")
        answer = cancel("k1", {"other": 1})
        assert answer.status_code == 422
        assert answer.json()["code"] == "idempotency_key_reused"

    def test_another_address_under_a_used_key_is_422(self, api, cancel):
        cancel("k1")
        other = api.post("/orders", order_body(external_id="2")).json()["id"]
        assert api.post(f"/orders/{other}/cancel", Idempotency_Key="k1").status_code == 422
        assert api.get(f"/orders/{other}").json()["status"] == "open"

    def test_a_refusal_is_an_answer_too(self, api):
        order_id = api.post("/orders", order_body(fulfilment_started_at="2026-03-10T11:00:00Z")).json()["id"]
        answers = [api.post(f"/orders/{order_id}/cancel", Idempotency_Key="k") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [409, 409]
        assert answers[0].json() == answers[1].json()
        assert answers[1].headers["Content-Type"] == "application/problem+json"
        assert answers[1].headers["Idempotency-Replayed"] == "true"

    def test_while_the_first_runs_the_second_is_409(self, api, cancel, merchant):
        with tenant_scope(merchant.pk):
            cancel("k1")
            IdempotencyRecord.objects.update(status=None, body="")
        answer = cancel("k1")
        assert answer.status_code == 409
        assert answer.json()["code"] == "idempotency_key_in_flight"
        assert answer.headers["Retry-After"] == "60"

    def test_a_fault_of_ours_is_not_stored(self, cancel, merchant, monkeypatch):
        from orders.api import views

        def down(**kwargs):
            raise OperationalError("down")

        with monkeypatch.context() as patched:
            patched.setattr(views, "order_cancel", down)
            assert cancel("k1").status_code == 503
        with tenant_scope(merchant.pk):
            assert not IdempotencyRecord.objects.exists()
        assert cancel("k1").status_code == 200

    def test_an_unexpected_error_frees_the_key(self, cancel, merchant, monkeypatch):
        from orders.api import views

        def crash(**kwargs):
            raise ValueError("ours")

        with monkeypatch.context() as patched:
            patched.setattr(views, "order_cancel", crash)
            with pytest.raises(ValueError, match="ours"):
                cancel("k1")
        assert cancel("k1").status_code == 200

    @pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ключ"])
    def test_an_odd_key_is_400(self, cancel, key):
        answer = cancel(key)
        assert answer.status_code == 400
        assert answer.json()["code"] == "idempotency_key_missing"

    def test_two_merchants_may_use_the_same_key(self, api, other_api, cancel):
        cancel("k1")
        order_id = other_api.post("/orders", order_body(currency="GBP")).json()["id"]
        answer = other_api.post(f"/orders/{order_id}/cancel", Idempotency_Key="k1")
        assert answer.status_code == 200
        assert "Idempotency-Replayed" not in answer.headers

    def test_the_stored_answer_is_encrypted(self, cancel):
        cancel("k1")
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant', '*', false)")
            cursor.execute("SELECT body FROM core_idempotencyrecord")
            assert "Example.com" not in cursor.fetchone()[0]


@pytest.mark.usefixtures("scope")
class TestClaims:
    answer = StoredAnswer(201, "application/json", "{}")

    def test_a_dead_claim_is_taken_over_when_its_lease_ends(self, at):
        first = idempotency.claim("k", "f")
        with pytest.raises(KeyInFlight):
            idempotency.claim("k", "f")
        with clock.frozen(at + idempotency.LEASE + timedelta(seconds=1)):
            second = idempotency.claim("k", "f")
        assert isinstance(second, Claim)
        assert second.record_id == first.record_id

    def test_who_lost_the_claim_records_nothing(self, at):
        first = idempotency.claim("k", "f")
        with clock.frozen(at + idempotency.LEASE + timedelta(seconds=1)):
            second = idempotency.claim("k", "f")
            idempotency.complete(first, StoredAnswer(500, "x", "late"))
            idempotency.release(first)
            idempotency.complete(second, self.answer)
            assert idempotency.claim("k", "f") == self.answer

    def test_another_fingerprint_is_refused_even_in_flight(self):
        idempotency.claim("k", "f")
        with pytest.raises(KeyReused):
            idempotency.claim("k", "g")

    def test_a_released_key_is_new_again(self):
        idempotency.release(idempotency.claim("k", "f"))
        assert isinstance(idempotency.claim("k", "g"), Claim)

    def test_a_day_later_keys_are_forgotten(self, at):
        idempotency.complete(idempotency.claim("k", "f"), self.answer)
        assert idempotency.purge() == 0
        with clock.frozen(at + timedelta(hours=25)):
            assert idempotency.purge() == 1

    def test_parts_of_a_fingerprint_cannot_be_shifted(self):
        assert idempotency.fingerprint("POST", "/ab", b"c") != idempotency.fingerprint("POST", "/a", b"bc")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_claim(merchant):
    outcomes, start = [], threading.Barrier(6)

    def attempt():
        try:
            start.wait(timeout=10)
            with tenant_scope(merchant.pk):
                outcomes.append(type(idempotency.claim("k", "f")))
        except KeyInFlight:
            outcomes.append(KeyInFlight)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcome.__name__ for outcome in outcomes) == ["Claim", *["KeyInFlight"] * 5]


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_released_while_others_ask_for_it_is_only_in_flight(merchant):
    """As when the first request ends in a 503 and the caller's repetitions are there already."""
    unexpected = []

    def attempt():
        with tenant_scope(merchant.pk):
            for _ in range(60):
                try:
                    idempotency.release(idempotency.claim("k", "f"))
                except KeyInFlight:
                    continue
                except IdempotencyRecord.DoesNotExist as error:
                    unexpected.append(error)
        connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert unexpected == []
