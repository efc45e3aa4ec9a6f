"""Filters of the lists. Texts are compared with `=` on normalised columns, so that indexes serve them."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from orders.models import Order, Product
from orders.services.customers import normalise


class NormalisedFilter(django_filters.CharFilter):  # type: ignore[misc]
    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        result: QuerySet[Any] = super().filter(qs, normalise(value) if value else value)
        return result


class OrderFilters(django_filters.FilterSet):  # type: ignore[misc]
    source = django_filters.CharFilter(max_length=32)
    external_id = django_filters.CharFilter(max_length=128)
    number = NormalisedFilter(field_name="number_normalised", max_length=64)
    status = django_filters.ChoiceFilter(choices=Order.Status.choices)
    currency = django_filters.CharFilter(max_length=3)
    customer_id = django_filters.UUIDFilter(field_name="customer_id")
    is_paid = django_filters.BooleanFilter(field_name="paid_at", lookup_expr="isnull", exclude=True)
    is_test = django_filters.BooleanFilter()
    placed_from = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="gte")
    placed_before = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="lt")
    updated_from = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")


class ProductFilters(django_filters.FilterSet):  # type: ignore[misc]
    source = django_filters.CharFilter(max_length=32)
    external_id = django_filters.CharFilter(max_length=128)
    status = django_filters.ChoiceFilter(choices=Product.Status.choices)
    is_consumable = django_filters.BooleanFilter()


class CustomerFilters(django_filters.FilterSet):  # type: ignore[misc]
    source = django_filters.CharFilter(max_length=32)
    external_id = django_filters.CharFilter(max_length=128)
    email = NormalisedFilter(field_name="email_normalised", max_length=254)
