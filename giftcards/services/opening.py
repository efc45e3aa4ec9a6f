"""Taking over the balances of cards that another system issued."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from core import clock
from core.crypto import keyed_hash, keyed_hashes
from core.errors import DomainError
from core.money import InvalidAmount, exponent
from giftcards.errors import GiftCardCurrency, GiftCardPosted, InvalidGiftCard
from giftcards.inputs import GiftCardInput
from giftcards.models import OpeningBalance
from giftcards.rules import normalise_code
from orders.models import Customer
from orders.services.customers import normalise

PURPOSE = OpeningBalance.peppered.purpose
# Leaves a bigint room for the sums of many cards.
LARGEST_MINOR = 10**15
LONGEST_NOTE = 500
_MUTABLE = ("balance_minor", "issued_at", "expires_at", "customer_id", "note")


@dataclass(frozen=True, slots=True)
class OpeningResult:
    """`applied` is False when the file said what was known."""

    card: OpeningBalance
    created: bool
    applied: bool


def opening_balances_import(*, items: Sequence[GiftCardInput]) -> list[OpeningResult | DomainError]:
    """One result for each card, in order; a bad one is refused alone. The same file again changes nothing.

    A card of which the file says something else is updated while the ledger has not taken it over.
    """
    try:
        with transaction.atomic():
            return _import(items)
    except IntegrityError:  # another import stored one of these cards in this very moment
        with transaction.atomic():
            return _import(items)


def _import(items: Sequence[GiftCardInput]) -> list[OpeningResult | DomainError]:
    codes = [normalise_code(item.code) or "" for item in items]
    cards = _locked(code for code in codes if code)
    owners = _Owners(items)
    created: dict[str, OpeningBalance] = {}
    updated: dict[str, OpeningBalance] = {}
    results: list[OpeningResult | DomainError] = []
    for item, code in zip(items, codes, strict=True):
        try:
            _check(item, code)
            if code not in cards:
                cards[code] = created[code] = _new(item, code, owners.of(item))
                results.append(OpeningResult(cards[code], created=True, applied=True))
                continue
            applied = _update(cards[code], item, owners.of(item))
            if applied and code not in created:
                updated[code] = cards[code]
            results.append(OpeningResult(cards[code], created=False, applied=applied))
        except DomainError as error:
            results.append(error)
    OpeningBalance.objects.bulk_create(created.values(), batch_size=500)
    OpeningBalance.objects.bulk_update(updated.values(), [*_MUTABLE, "imported_at"], batch_size=500)
    return results


def _locked(codes: Iterable[str]) -> dict[str, OpeningBalance]:
    """Cards by their code, whichever pepper it was hashed under."""
    code_of = {hash_: code for code in codes for hash_ in keyed_hashes(PURPOSE, code)}
    rows = OpeningBalance.objects.select_for_update().filter(code_hash__in=code_of).order_by("pk")
    return {code_of[row.code_hash]: row for row in rows}


def _check(item: GiftCardInput, code: str) -> None:
    errors: dict[str, list[str]] = {}
    if not code:
        errors["code"] = ["A code has 6 to 64 letters and digits."]
    try:
        exponent(item.currency)
    except InvalidAmount as error:
        errors["currency"] = [str(error)]
    if not 0 <= item.balance_minor <= LARGEST_MINOR:
        errors["balance"] = ["A balance is not negative, and not that large."]
    if item.issued_at and item.expires_at and item.expires_at <= item.issued_at:
        errors["expires_at"] = ["The card expires before it was issued."]
    if "\x00" in item.note:
        errors["note"] = ["This holds a character that cannot be stored."]
    if errors:
        raise InvalidGiftCard(field_errors=errors)


def _new(item: GiftCardInput, code: str, customer_id: uuid.UUID | None) -> OpeningBalance:
    made = keyed_hash(PURPOSE, code)
    return OpeningBalance(
        code=code,
        code_hash=made.hash,
        key_version=made.key_version,
        last4=code[-4:],
        currency=item.currency,
        balance_minor=item.balance_minor,
        issued_at=item.issued_at,
        expires_at=item.expires_at,
        customer_id=customer_id,
        note=item.note[:LONGEST_NOTE],
        imported_at=clock.now(),
    )


def _update(card: OpeningBalance, item: GiftCardInput, customer_id: uuid.UUID | None) -> bool:
    """What the file leaves out stays as it is known."""
    values = {
        "balance_minor": item.balance_minor,
        "issued_at": item.issued_at or card.issued_at,
        "expires_at": item.expires_at or card.expires_at,
        "customer_id": customer_id or card.customer_id,
        "note": item.note[:LONGEST_NOTE] or card.note,
    }
    if item.currency != card.currency:
        raise GiftCardCurrency(last4=card.last4, known=card.currency)
    if all(getattr(card, name) == value for name, value in values.items()):
        return False
    if card.posted_at is not None:
        raise GiftCardPosted(last4=card.last4)
    for name, value in values.items():
        setattr(card, name, value)
    card.imported_at = clock.now()
    return True


class _Owners:
    """Whose cards they are, where the shop's id or the address names one customer and no other."""

    def __init__(self, items: Sequence[GiftCardInput]) -> None:
        ids = {item.customer_external_id for item in items} - {""}
        addresses = {normalise(item.customer_email) for item in items} - {""}
        self._by_id = _single(Customer.objects.filter(external_id__in=ids).values_list("external_id", "pk"))
        self._by_address = _single(
            Customer.objects.filter(email_normalised__in=addresses).values_list("email_normalised", "pk")
        )

    def of(self, item: GiftCardInput) -> uuid.UUID | None:
        if item.customer_external_id:
            return self._by_id.get(item.customer_external_id)
        return self._by_address.get(normalise(item.customer_email)) if item.customer_email else None


def _single(pairs: Iterable[tuple[str, uuid.UUID]]) -> dict[str, uuid.UUID]:
    found: dict[str, uuid.UUID] = {}
    twice = set()
    for key, pk in pairs:
        if key in found:
            twice.add(key)
        found[key] = pk
    return {key: pk for key, pk in found.items() if key not in twice}
