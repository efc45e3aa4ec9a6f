"""The plain view costs what its name says: twelve reads by primary key, 30 KB rendered, within one shop."""

from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory

from core.tenancy import tenant_scope
from devtools.baseline import baseline
from orders.models import Variant
from tests.factories import VariantFactory


@pytest.fixture
def ask(scope):
    def ask(ids):
        request: Any = RequestFactory().get("/benchmark/", {"id": ids})
        request.merchant = scope
        return baseline(request)

    return ask


def variants(count):
    VariantFactory.create_batch(count)
    return list(Variant.objects.values_list("id", flat=True))


def test_twelve_reads_and_thirty_kilobytes(scope, ask, django_assert_num_queries):
    ids = variants(12)
    ask(ids)
    with django_assert_num_queries(12):
        response = ask(ids)
    assert 29_000 < len(response.content) < 32_000


@pytest.mark.parametrize("ids", [[], ["x"] * 12, ["01a20006-9bf9-7e77-9c2a-d01b53b5056f"] * 12])
def test_other_ids_are_not_found(ask, ids):
    with pytest.raises(Http404):
        ask(ids)


def test_another_shops_rows_are_not_found(other_merchant, ask):
    with tenant_scope(other_merchant.pk):
        foreign = variants(12)
    with pytest.raises(Http404):
        ask(foreign)
