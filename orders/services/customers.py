"""Customers and addresses as they come in: what is known is added to, blank fields wipe nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from core import clock
from core.db.rows import rows_insert, rows_update
from core.errors import DomainError
from orders.errors import InvalidCustomer
from orders.inputs import AddressInput, CustomerInput
from orders.locks import Key, lock_customers
from orders.models import Address, Customer
from orders.services.batches import Raced, raise_or_return, store_all

_ADDRESS_FIELDS = ("name", "line1", "line2", "city", "region", "postal_code", "country")
_address_values = attrgetter(*_ADDRESS_FIELDS)
_CUSTOMER_FIELDS = ("email", "first_name", "last_name", "phone", "locale", "consent_source")
_customer_values = attrgetter(*_CUSTOMER_FIELDS, "accepts_marketing", "consented_at", "created_at")


def normalise(text: str) -> str:
    """The form in which names, e-mails and order numbers are compared with `=`, so that indexes serve the search."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class CustomerResult:
    """`applied` is False when nothing was new."""

    customer: Customer
    created: bool
    applied: bool


def customer_upsert(*, source: str, data: CustomerInput) -> tuple[Customer, bool]:
    """Create or update the customer of the open scope; blank fields never wipe what is known.

    Raises InvalidCustomer, NotStorable.
    """
    result = raise_or_return(customers_upsert(source=source, items=[data])[0])
    return result.customer, result.created


def customers_upsert(*, source: str, items: Sequence[CustomerInput]) -> list[CustomerResult | DomainError]:
    """The same for up to 1,000, in few statements. A customer that is refused does not stop the others."""

    def store(sound: Sequence[CustomerInput]) -> list[CustomerResult]:
        book = CustomerBook((source, item.external_id) for item in sound)
        results = [book.merge(source, item) for item in sound]
        book.save()
        return results

    return store_all([_checked(item) for item in items], store)


def _checked(data: CustomerInput) -> CustomerInput | DomainError:
    errors: dict[str, list[str]] = {}
    if not data.external_id:
        errors["external_id"] = ["Send the shop's id of the customer."]
    latest = clock.now() + clock.TOLERANCE
    for name, at in (("consented_at", data.consented_at), ("created_at", data.created_at)):
        if at is not None and at > latest:
            errors[name] = ["This time is in the future."]
    return InvalidCustomer(field_errors=errors) if errors else data


class CustomerBook:
    """The customers of a batch: locked at once, changed in memory, written at once."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._stored = lock_customers(keys)
        self._new: dict[Key, Customer] = {}
        self._changed: dict[Key, Customer] = {}

    def merge(self, source: str, data: CustomerInput, *, is_history: bool = False) -> CustomerResult:
        """Add what is told to what is known. An erased customer stays erased.

        History, such as an old order, only fills what is blank: what was told since is newer.
        """
        key = (source, data.external_id)
        customer = self._stored.get(key) or self._new.get(key)
        created = customer is None
        if customer is None:
            customer = Customer(source=source, external_id=data.external_id, created_at=data.created_at or clock.now())
            self._new[key] = customer
        before = _customer_values(customer)
        if customer.erased_at is None:
            _merge(customer, data if created or not is_history else _of_blanks(customer, data))
        applied = created or _customer_values(customer) != before
        if applied:
            customer.updated_at = clock.now()
        if applied and key in self._stored:
            self._changed[key] = customer
        return CustomerResult(customer, created, applied)

    def save(self) -> None:
        """Raises Raced when somebody else has created one of them meanwhile."""
        new = [self._new[key] for key in sorted(self._new)]
        if rows_insert(Customer, new, ignore_conflicts=True) < len(new):
            raise Raced
        rows_update(Customer, list(self._changed.values()))


def _of_blanks(customer: Customer, data: CustomerInput) -> CustomerInput:
    """What it says where nothing is known. Whether somebody wants news is known of everyone."""
    texts: dict[str, Any] = {field: "" for field in _CUSTOMER_FIELDS if getattr(customer, field)}
    return replace(data, accepts_marketing=None, consented_at=None, **{**texts, "consent_source": ""})


def _merge(customer: Customer, data: CustomerInput) -> None:
    for field in _CUSTOMER_FIELDS:
        value = getattr(data, field)
        if value:
            setattr(customer, field, value)
    if data.email:
        customer.email_normalised = normalise(data.email)
    if data.accepts_marketing is not None:
        customer.accepts_marketing = data.accepts_marketing
    if data.consented_at is not None:
        customer.consented_at = data.consented_at
    if data.created_at is not None:
        customer.created_at = min(customer.created_at, data.created_at)
    customer.name_normalised = normalise(customer.full_name)  # of what was known and what came together


def address_after(current: Address | None, data: AddressInput | None) -> Address | None:
    """The row for `data`: the current one when nothing changed, else a new one that is not saved yet.

    Addresses are never overwritten.
    """
    if data is None or (current is not None and _address_values(current) == _address_values(data)):
        return current
    return Address(**{field: getattr(data, field) for field in _ADDRESS_FIELDS})
