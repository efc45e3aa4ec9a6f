"""Search that uses indexes although row-level security is on, and stops at the first matches."""

from typing import Any

from django.db.models import Model, Q, QuerySet

# Sorts after every character of Unicode, so [term, term + LAST) is all that starts with the term.
_LAST = "\U0010ffff"
# More than anybody reads through; who gets them all types some letters more.
MOST = 200


def starts_with(column: str, term: str) -> Q:
    """Rows whose normalised `column` starts with `term`.

    As a range, because LIKE is not leakproof and would never use an index under row-level security.
    """
    return Q(**{f"{column}__gte": term, f"{column}__lt": term + _LAST})


def first_keys(*ways: QuerySet[Any]) -> list[Any]:
    """The keys of the first MOST rows of each way to match, in one query.

    A way is ordered by the column of its index, so that however many rows match, no more are read.
    """
    first, *others = (way.values_list("pk", flat=True)[:MOST] for way in ways)
    return list(first.union(*others) if others else first)


def only_first(queryset: QuerySet[Any, Any], *ways: QuerySet[Any]) -> QuerySet[Any, Any]:
    """What of `queryset` is among the first matches."""
    return queryset.filter(pk__in=first_keys(*ways))


def by_start(model: type[Model], column: str, term: str) -> QuerySet[Any]:
    return model._default_manager.filter(starts_with(column, term)).order_by(column)
