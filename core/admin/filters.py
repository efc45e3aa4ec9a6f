"""Filters of lists: a fixed choice each, the chosen one stands in the address."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core import clock
from core.admin.bases import ModelAdmin


class OneOf(admin.SimpleListFilter):
    """One of `options` or all; an unknown value in the address shows all."""

    options: ClassVar[tuple[tuple[str, str], ...]]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> tuple[tuple[str, str], ...]:
        return self.options

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        value = self.value()
        return self.narrow(queryset, value) if value in dict(self.lookup_choices) else queryset

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        raise NotImplementedError


class DayFilter(OneOf):
    """Days of the merchant's calendar; the site activates its time zone."""

    field: ClassVar[str]
    options = (("today", "Today"), ("week", "Past 7 days"), ("month", "This month"))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        zone = timezone.get_current_timezone()
        today = clock.now().astimezone(zone).date()
        first = {"today": today, "week": today - timedelta(days=6), "month": today.replace(day=1)}[value]
        return queryset.filter(**{f"{self.field}__gte": datetime.combine(first, time.min, tzinfo=zone)})


class ChoiceFilter(OneOf):
    """The values of a field with choices."""

    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> tuple[tuple[str, str], ...]:
        choices = model_admin.model._meta.get_field(self.field).flatchoices
        return tuple((str(value), str(name)) for value, name in choices)

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(**{self.field: value})


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    field = "state"
