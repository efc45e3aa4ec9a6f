"""The second way of computing a file finds what the platform has wrong, and nothing else."""

import gzip
import hashlib

import pytest

from benchmarks.reconcile import check
from connectors.imports.profile import Profile
from connectors.services.drive import run_drive
from connectors.services.profiles import profile_named
from connectors.services.runs import run_create_from_path
from metrics.services.rebuild import metrics_rebuild
from orders.models import Order
from tests.connectors.csv_files import rows

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
FILE = rows(
    "1,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
    "1,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850,United Kingdom",
    "2,85123A,HEART,3,2010-12-31 23:59:00,1.015,,United Kingdom",
    "3,POST,POSTAGE,1,2011-01-01 00:00:00,18.00,17850,United Kingdom",
    "4,85123A,damaged,-3,2011-01-02 00:00:00,0,,United Kingdom",
    "5,85123A,found,3,2011-01-02 00:00:00,0,,United Kingdom",
    "C6,85123A,HEART,-2,2011-01-03 00:00:00,2.55,17850,United Kingdom",
    "C7,85123A,HEART,-9,2011-01-03 00:00:00,2.55,17850,United Kingdom",
    "C8,85123A,HEART,-9,2011-02-03 00:00:00,2.55,,United Kingdom",
    header=HEADER,
)


@pytest.fixture
def file(tmp_path, scope):
    scope.currency = "GBP"
    scope.save()
    path = tmp_path / "retail.csv.gz"
    path.write_bytes(gzip.compress(FILE.encode()))
    profile = profile_named(kind="orders", name="online_retail")
    data = path.read_bytes()
    run = run_create_from_path(
        profile=profile,
        settings=Profile.parse(profile.settings),
        name=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )
    assert run_drive(run, open_file=lambda: path.open("rb")).state == "done"
    metrics_rebuild(merchant_id=scope.pk)
    return path


def test_a_file_that_was_imported_agrees(file, scope, capsys):
    assert check(file, scope.slug) == 0
    told = capsys.readouterr().out
    assert "1 × credit_unmatched 22.950" in told
    assert "1 × credit_without_customer 22.950" in told
    assert "1 × rounded -0.015" in told
    assert "Everything agrees." in told


def test_an_order_that_is_not_as_in_the_file_is_found(file, scope, capsys):
    Order.objects.filter(external_id="1").update(total_minor=1)
    assert check(file, scope.slug) == 1
    assert "UNEXPLAINED" in capsys.readouterr().out
