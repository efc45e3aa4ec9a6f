"""Uploaded files that hold an erased shopper: gone, or about to go; everybody else's stay."""

import pytest

from connectors import privacy
from connectors.models import ImportNote, ImportRun
from connectors.services.profiles import profile_named, profiles_ensure
from connectors.services.runs import FILE_KEPT_FOR, FILE_PURPOSE, run_create_from_upload
from core.clock import now
from core.files import file_store, files_purge
from core.models import StoredFile
from core.privacy.identity import Identity
from core.privacy.registry import Subject
from orders.services.privacy import customer_erase
from orders.services.revisions import Actor
from tests.factories import CustomerInputFactory, paid_order

pytestmark = pytest.mark.django_db
State = ImportRun.State
ZOE = Identity(
    emails=frozenset({"zoë@mail.example"}),
    names=frozenset({("Zoë", "Quillfeather")}),
    external_ids=frozenset({"4711"}),
)


def stored(data: bytes) -> StoredFile:
    return file_store([data], purpose=FILE_PURPOSE, name="customers.csv", keep=FILE_KEPT_FOR)


def run_of(data: bytes, state: str) -> ImportRun:
    profiles_ensure()
    profile = profile_named(kind="customers", name="pro_customers")
    run = run_create_from_upload(profile=profile, file=stored(data), started_by=None)
    ImportRun.objects.filter(pk=run.pk).update(state=state, preview="rows")
    return run


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("line", ["x1;zoë@mail.example;", "Zoë Quillfeather,1", '"4711";1.00', "1,4711.0,2", "4711"])
def test_whatever_the_encoding_the_person_is_found(scope, encoding, line):
    assert privacy._holds(stored(f"id,name\nx0,Ann\n{line}\n".encode(encoding)), ZOE)


@pytest.mark.parametrize("line", ["x1,zoe@mail.example", "Zoë,Other", "14711,1", "4711.05", "A4711"])
def test_somebody_else_is_not(scope, line):
    assert not privacy._holds(stored(f"id,name\n{line}\n".encode()), ZOE)


def test_where_two_pieces_meet_nothing_is_missed(scope, monkeypatch):
    monkeypatch.setattr(privacy, "CHUNK_BYTES", 64)
    for before in range(40, 80):
        assert privacy._holds(stored(b"x" * before + b"\nx1,zo\xc3\xab@mail.example\n"), ZOE), before


@pytest.mark.parametrize(
    ("state", "after", "is_kept"),
    [
        (State.PREVIEWED, State.CANCELLED, False),
        (State.FAILED, State.FAILED, False),
        (State.CANCELLED, State.CANCELLED, False),
        (State.RUNNING, State.RUNNING, True),
        (State.QUEUED, State.QUEUED, True),
        (State.CHECKING, State.CANCELLING, True),
    ],
)
def test_a_file_goes_at_once_or_as_soon_as_the_run_may_be_without_it(scope, state, after, is_kept):
    customer = paid_order(customer=CustomerInputFactory(email="zoë@mail.example")).customer
    run = run_of("external_id,email\nx1,zoë@mail.example\n".encode(), state)
    other = run_of(b"external_id,email\nx2,ann@mail.example\n", state)
    customer_erase(customer_id=customer.pk, actor=Actor("system"), reason="requested")
    run.refresh_from_db()
    other.refresh_from_db()
    assert (run.state, run.file is not None) == (after, is_kept)
    assert (other.state, other.file is not None) == (state, True)
    files_purge()
    run.refresh_from_db()
    assert run.file is None
    assert StoredFile.objects.get().pk == other.file_id
    assert other.file.expires_at > now()


def test_notes_that_name_the_person_lose_their_words_and_keep_their_sums(scope):
    run = run_of(b"", State.DONE)
    told = ImportNote.objects.create(
        run=run, line=3, column="email", code="bad", message="“Quillfeather” is no address", amount="1.50", is_line=True
    )
    other = ImportNote.objects.create(run=run, line=4, code="bad", message="31/02 is no day", amount="2", is_line=True)
    privacy.KEEPER.erase(Subject(run.pk, frozenset(), ZOE))
    told.refresh_from_db()
    other.refresh_from_db()
    assert (told.message, told.column, told.line, told.amount) == ("Erased.", "", 3, "1.50")
    assert other.message == "31/02 is no day"
