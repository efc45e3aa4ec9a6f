"""Customers with their consent, oldest first. Those who were erased have nothing left to tell and are left out."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from connectors.columns import CUSTOMER_COLUMNS
from connectors.exports.cells import flag, moment, text
from connectors.exports.stream import PAGE, Page
from messaging.models import Channel
from messaging.selectors import suppression_reasons
from orders.models import Customer
from orders.services.customers import normalise

Cells = dict[str, str]


class CustomerExport:
    kind: ClassVar[str] = "customers"

    def __init__(self, customers: QuerySet[Customer]) -> None:
        self.columns = tuple(column.name for column in CUSTOMER_COLUMNS)
        self._customers = customers.filter(erased_at=None).order_by("id")

    def page(self, after: tuple[Any, ...] | None) -> Page:
        wanted = self._customers if after is None else self._customers.filter(pk__gt=after[0])
        customers = list(wanted[:PAGE])
        last = (customers[-1].pk,) if len(customers) == PAGE else None
        rows = [[cells[name] for name in self.columns] for cells in _rows(customers)]
        return Page(rows, len(customers), last)


def _rows(customers: Sequence[Customer]) -> Iterator[Cells]:
    reasons = suppression_reasons(Channel.EMAIL, {normalise(customer.email) for customer in customers})
    for customer in customers:
        yield {
            "source": text(customer.source),
            "external_id": text(customer.external_id),
            "email": text(customer.email),
            "first_name": text(customer.first_name),
            "last_name": text(customer.last_name),
            "phone": text(customer.phone),
            "locale": text(customer.locale),
            "accepts_marketing": flag(customer.accepts_marketing),
            "consented_at": moment(customer.consented_at),
            "consent_source": text(customer.consent_source),
            "created_at": moment(customer.created_at),
            "suppressed": reasons.get(normalise(customer.email), ""),
        }
