"""A page with which the shop's pages are compared: same middleware, twelve reads by primary key, 30 KB rendered."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from merchants.middleware import merchant_of
from orders.models import Variant

READS = 12
FIELDS = ("sku", "title", "external_id", "price_minor", "currency", "cost_minor", "stock_quantity", "position")


@require_safe
def baseline(request: HttpRequest) -> HttpResponse:
    """`?id=` twelve times: variants of this shop."""
    merchant_id = merchant_of(request).pk
    rows = [get_object_or_404(Variant, merchant_id=merchant_id, id=variant_id) for variant_id in _ids(request)]
    cards = [{"id": row.id, "cells": [(name, getattr(row, name)) for name in FIELDS]} for row in rows]
    return render(request, "devtools/baseline.html", {"cards": cards})


def _ids(request: HttpRequest) -> list[uuid.UUID]:
    try:
        ids = [uuid.UUID(text) for text in request.GET.getlist("id")]
    except ValueError as error:
        raise Http404 from error
    if len(ids) != READS:
        raise Http404
    return ids


urlpatterns = [path("", baseline, name="baseline")]
