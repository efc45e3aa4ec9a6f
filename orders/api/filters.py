"""Filters of the lists. Texts are compared with `=` on normalised columns, so that indexes serve them."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from orders.models import Order, Product
from orders.services.customers import normalise

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)


class NormalisedFilter(django_filters.CharFilter):  # type: ignore[misc]
    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        result: QuerySet[Any] = super().filter(qs, normalise(value) if value else value)
        return result


class InstantField(forms.Field):
    """ISO 8601 with its offset, turned to UTC: PostgreSQL refuses offsets and years that Python allows."""

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            at = datetime.fromisoformat(str(value)).astimezone(UTC)
        except (ValueError, OverflowError):
            at = None
        if at is None or not EARLIEST <= at <= LATEST:
            raise forms.ValidationError("Give an instant between 1990 and 2100, like 2026-11-21T20:00:00Z.")
        return at


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantFilter(django_filters.Filter):  # type: ignore[misc]
    field_class = InstantField


class OrderFilters(django_filters.FilterSet):  # type: ignore[misc]
    source = django_filters.CharFilter(max_length=32)
    external_id = django_filters.CharFilter(max_length=128)
    number = NormalisedFilter(field_name="number_normalised", max_length=64, help_text="Upper and lower case alike.")
    status = django_filters.ChoiceFilter(choices=Order.Status.choices)
    currency = django_filters.CharFilter(max_length=3)
    customer_id = django_filters.UUIDFilter(field_name="customer_id")
    is_paid = django_filters.BooleanFilter(field_name="paid_at", lookup_expr="isnull", exclude=True)
    is_test = django_filters.BooleanFilter()
    placed_from = InstantFilter(field_name="placed_at", lookup_expr="gte", help_text="Placed then or later.")
    placed_before = InstantFilter(field_name="placed_at", lookup_expr="lt", help_text="Placed before.")
    updated_from = InstantFilter(field_name="updated_at", lookup_expr="gte", help_text="Changed then or later.")


class ProductFilters(django_filters.FilterSet):  # type: ignore[misc]
    source = django_filters.CharFilter(max_length=32)
    external_id = django_filters.CharFilter(max_length=128)
    status = django_filters.ChoiceFilter(choices=Product.Status.choices)
    is_consumable = django_filters.BooleanFilter()
    updated_from = InstantFilter(field_name="updated_at", lookup_expr="gte", help_text="Changed then or later.")


class CustomerFilters(django_filters.FilterSet):  # type: ignore[misc]
    source = django_filters.CharFilter(max_length=32)
    external_id = django_filters.CharFilter(max_length=128)
    email = NormalisedFilter(field_name="email_normalised", max_length=254)
    updated_from = InstantFilter(field_name="updated_at", lookup_expr="gte", help_text="Changed then or later.")
