"""Staff bring files in: upload, preview, start, stop, report; and change how files are read."""

import io
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from connectors.imports.builtins import BUILTINS
from connectors.models import ImportProfile, ImportRun
from connectors.services.profiles import is_as_shipped, profiles_ensure
from connectors.services.resume import runs_resume
from connectors.services.runs import run_start
from core.models import StoredFile
from core.tenancy import tenant_scope
from merchants.models import AuditEntry
from orders.models import Order
from tests.admin.conftest import Staff, member, staff
from tests.connectors.import_files import HEAD, ODD_LINES, everything, orders_csv, till_profile, upload

__all__ = ["member", "staff"]

pytestmark = pytest.mark.django_db
BASE = "/m/harrow/admin/connectors"
State = ImportRun.State


class Desk:
    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, profile: ImportProfile, data: bytes, name: str = "orders.csv"):
        file = io.BytesIO(data)
        file.name = name
        return self.client.post(f"{BASE}/importrun/add/", {"profile": str(profile.pk), "file": file}, follow=True)

    def page(self, run: ImportRun) -> str:
        return self.client.get(f"{BASE}/importrun/{run.pk}/change/").content.decode()

    def press(self, run: ImportRun, name: str, **form: str):
        return self.client.post(f"{BASE}/importrun/{run.pk}/do/{name}/", form, follow=True)


@pytest.fixture
def desk(staff: Staff) -> Desk:
    return Desk(staff("manager"))


@pytest.fixture
def profile(scope) -> ImportProfile:
    return till_profile()


def test_from_upload_to_report(desk, profile):
    answer = desk.send(profile, orders_csv())
    run = ImportRun.objects.get()
    assert "Waiting for its turn" in answer.content.decode() or "Reading the file" in answer.content.decode()
    assert AuditEntry.objects.filter(action="import_run.uploaded", object_id=str(run.pk)).exists()

    runs_resume()
    page = desk.page(run)
    assert "As they would be stored" in page
    assert "1 × Mug" in page
    assert "Lines that would be left out" in page
    assert Order.objects.count() == 0

    page = desk.press(run, "start").content.decode()
    assert "The import is started" in page
    runs_resume()
    page = desk.page(run)
    assert "Adds up" in page
    assert "2 lines were left out, and why" in page

    report = desk.press(run, "report")
    assert report["Content-Type"] == "text/csv; charset=utf-8"
    assert b"credit_unmatched" in b"".join(report.streaming_content)


def test_remarks_about_lines_that_were_taken_are_not_called_left_out(desk, profile):
    twice = "7,2025-02-01 10:00,1,A1,Mug,1,10.00\n" * 2
    for odd, heading in ((twice, "Remarks"), (twice + ODD_LINES, "2 lines were left out, and why")):
        run = upload(profile, orders_csv(0, odd))
        runs_resume()
        run_start(run_id=run.pk)
        runs_resume()
        page = desk.page(run)
        assert heading in page
        assert ("The order has the very same line before." in page) == (odd == twice)


def test_sums_are_written_as_their_currency_is_and_one_without_is_no_number_of_lines(desk, scope):
    profiles_ensure()
    head = "external_id,currency,placed_at,line_title,line_quantity,line_unit_price\n"
    rows = "1,JPY,2025-02-01,Mug,1,2500\n2,dollars,2025-02-01,Mug,1,7.5\n"
    run = upload(ImportProfile.objects.get(name="pro_orders"), (head + rows).encode())
    runs_resume()
    page = desk.page(run)
    assert "Sum in JPY" in page
    assert "2,500<" in page
    assert "Sum without a currency" in page
    assert "7.50<" in page


def test_discard(desk, profile):
    desk.send(profile, orders_csv())
    runs_resume()
    run = ImportRun.objects.get()
    assert "Nothing of it was stored" in desk.press(run, "discard").content.decode()
    assert not StoredFile.objects.exists()


def test_stop_asks_first(desk, profile):
    run = upload(profile, orders_csv())
    runs_resume()
    run_start(run_id=run.pk)
    assert "Stop the import?" in desk.press(run, "cancel").content.decode()
    run.refresh_from_db()
    assert run.state == State.QUEUED
    desk.press(run, "cancel", confirmed="1")
    runs_resume()
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert not Order.objects.exists()


def test_the_list_shows_progress_and_an_empty_one_says_what_to_do(desk, profile):
    assert "No file yet" in desk.client.get(f"{BASE}/importrun/").content.decode()
    upload(profile, orders_csv())
    page = desk.client.get(f"{BASE}/importrun/").content.decode()
    assert '<progress class="pro-bar"' in page
    runs_resume()
    assert "1 file was read and waits" in desk.client.get("/m/harrow/admin/").content.decode()


HOSTILE = {
    "zeros": b"\x00" * 5000,
    "other-columns": b"Nothing,that,fits\n1,2,3\n",
    "open-quote": HEAD.encode() + b'1000,2025-02-01 10:00,1,A1,"Mug,1,10.00\n' * 3,
    "half-utf16": HEAD.encode("utf-16")[:11],
    "one-long-line": b"x" * 3_000_000,
    "many-columns": b"a," * 200_000 + b"\n",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_sentence(desk, profile, name):
    before = everything()
    assert desk.send(profile, HOSTILE[name], name="<b>'\u202eexe.csv").status_code == 200
    before |= {"merchants.AuditEntry": everything()["merchants.AuditEntry"]}
    runs_resume()
    run = ImportRun.objects.get()
    assert run.state == State.FAILED
    page = desk.page(run)
    assert "This file was not imported" in page
    assert run.error.rstrip().endswith((".", "?"))
    assert "<b>'" not in page
    assert everything() == before


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Choose a file."),
        ({"file": b""}, "The file is empty."),
        ({"file": b"x", "profile": "nothing"}, "Select a valid choice"),
        ({"file": b"x" * 2_000_001}, "The file is larger than 2 MB."),
    ],
    ids=["none", "empty", "unknown-profile", "too-large"],
)
def test_what_is_wrong_with_an_upload_is_said_in_a_sentence(desk, profile, settings, form, told):
    settings.UPLOAD_MAX_BYTES = 2_000_000
    data = {"profile": str(profile.pk), **{key: value for key, value in form.items() if key != "file"}}
    if "file" in form:
        data["file"] = io.BytesIO(form["file"])
        data["file"].name = "orders.csv"
    answer = desk.client.post(f"{BASE}/importrun/add/", data)
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert not ImportRun.objects.exists()
    assert not StoredFile.objects.exists()


def test_only_owner_and_manager_come_in(staff: Staff, profile):
    run = upload(profile, orders_csv())
    for role, status in (("owner", 200), ("support", 403), ("analyst", 403)):
        client = staff(role)
        for path in ("importrun/", "importrun/add/", f"importrun/{run.pk}/change/", "importprofile/"):
            assert client.get(f"{BASE}/{path}").status_code == status, (role, path)
        assert client.post(f"{BASE}/importrun/{run.pk}/do/start/").status_code == (302 if status == 200 else 403)


def test_runs_and_profiles_of_another_shop_are_not_there(desk, other_merchant):
    with tenant_scope(other_merchant.pk):
        theirs = till_profile()
        run = upload(theirs, orders_csv())
    assert desk.client.get(f"{BASE}/importrun/{run.pk}/change/").status_code == 404
    for name in ("start", "discard", "cancel", "continue", "report"):
        assert desk.client.post(f"{BASE}/importrun/{run.pk}/do/{name}/").status_code == 404
    assert desk.client.get(f"{BASE}/importprofile/{theirs.pk}/change/").status_code == 404
    assert "Select a valid choice" in desk.send(theirs, orders_csv()).content.decode()
    assert not ImportRun.objects.exists()


# Profiles


@pytest.fixture
def shipped(scope) -> Callable[[str], ImportProfile]:
    profiles_ensure()
    return lambda name="online_retail": ImportProfile.objects.get(name=name)


def form_of(answer) -> dict[str, str]:
    """What a browser would send back unchanged."""
    rows = answer.context["rows"]
    fields = [*answer.context["form"], *rows.management_form, *(field for row in rows for field in row)]
    sent = {field.html_name: field.value() for field in fields}
    return {name: "on" if value is True else str(value) for name, value in sent.items() if value not in (None, False)}


@pytest.mark.parametrize("name", BUILTINS)
def test_saved_unchanged_a_profile_stays_as_it_was(desk, shipped, name):
    profile = shipped(name)
    address = f"{BASE}/importprofile/{profile.pk}/change/"
    form = form_of(desk.client.get(address))
    assert desk.client.post(address, form).status_code == 302
    assert is_as_shipped(ImportProfile.objects.get(pk=profile.pk))
    assert not AuditEntry.objects.filter(action="import_profile.changed").exists()


def test_every_shop_finds_the_shipped_profiles(desk):
    page = desk.client.get(f"{BASE}/importprofile/").content.decode()
    assert set(ImportProfile.objects.values_list("name", flat=True)) == set(BUILTINS)
    assert "As shipped" in page
    desk.client.get(f"{BASE}/importprofile/")
    assert ImportProfile.objects.count() == len(BUILTINS)


def test_change_and_reset(desk, shipped):
    profile = shipped()
    address = f"{BASE}/importprofile/{profile.pk}/change/"
    form = form_of(desk.client.get(address))
    total = int(form["rows-TOTAL_FORMS"])
    form |= {
        "decimal": ",",
        "refund_prefix": "R",
        f"rows-{total - 1}-field": "number",
        f"rows-{total - 1}-columns": "No",
    }
    page = desk.client.post(address, form, follow=True).content.decode()
    assert "Your changes are saved." in page
    assert "Changed since it was shipped" in page
    profile.refresh_from_db()
    assert (profile.settings["decimal"], profile.settings["columns"]["number"]) == (",", "No")
    entry = AuditEntry.objects.get(action="import_profile.changed")
    assert entry.after["refund_prefix"] == "R"
    desk.client.post(f"{BASE}/importprofile/{profile.pk}/do/reset/")
    profile.refresh_from_db()
    assert is_as_shipped(profile)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"time_zone": "Mars/Base"}, "There is no time zone"),
        ({"date_formats": "%Q"}, "Not a date format"),
        ({"currency": "ZZZ"}, "is not an ISO 4217 currency"),
        ({"rows-0-columns": "", "rows-1-columns": ""}, "Name the columns of"),
        ({"rows-1-field": "external_id"}, "Each field has one row"),
        ({"rows-0-field": ""}, "Choose the field"),
        ({"title": ""}, "This field is required"),
        ({"rows-TOTAL_FORMS": "x"}, "ManagementForm"),
    ],
    ids=["zone", "date", "currency", "missing", "twice", "no-field", "title", "broken"],
)
def test_faults_stand_at_their_fields_and_nothing_is_saved(desk, shipped, change, told):
    profile = shipped()
    address = f"{BASE}/importprofile/{profile.pk}/change/"
    form = form_of(desk.client.get(address))
    answer = desk.client.post(address, {**form, **change})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert told in page
    assert "Nothing was saved" in page
    profile.refresh_from_db()
    assert is_as_shipped(profile)


def test_a_new_profile_begins_as_a_copy(desk, shipped):
    form = {"title": "Old till", "name": "old_till", "template": str(shipped().pk)}
    page = desk.client.post(f"{BASE}/importprofile/add/", form, follow=True).content.decode()
    assert "Old till is made" in page
    made = ImportProfile.objects.get(name="old_till")
    assert (made.kind, made.shipped_as) == ("orders", "")
    again = desk.client.post(f"{BASE}/importprofile/add/", form).content.decode()
    assert "There is a profile with this name already." in again


def test_the_limit_stands_in_the_page(desk):
    page = desk.client.get(f"{BASE}/importrun/add/").content.decode()
    assert f"up to {settings.UPLOAD_MAX_BYTES // 1_000_000} MB" in page
