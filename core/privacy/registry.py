"""Which room keeps what about a person. Rooms register in `ready()`; nobody here knows them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.privacy.identity import Identity


@dataclass(frozen=True, slots=True)
class Subject:
    """One customer of the open scope, with all their orders."""

    customer_id: UUID
    order_ids: frozenset[UUID]
    identity: Identity


@dataclass(frozen=True, slots=True)
class Keeper:
    """A section of what is held. All functions run in the merchant's scope; `erase`, `guard` also in one transaction.

    export  what is held, as JSON takes it; empty is left out
    erase   makes it go and answers how many rows it changed; what the numbers rest on stays
    guard   raises a DomainError while something is under way that must end first
    known   more that the person is known by: addresses of old mails, ids at the payment provider
    """

    section: str
    title: str
    export: Callable[[Subject], Any]
    erase: Callable[[Subject], int] = lambda subject: 0
    guard: Callable[[Subject], None] = lambda subject: None
    known: Callable[[Subject], Identity] = lambda subject: Identity()


_keepers: dict[str, Keeper] = {}


def register(keeper: Keeper) -> None:
    if _keepers.setdefault(keeper.section, keeper) != keeper:
        raise ValueError(f"Two rooms keep a section {keeper.section}.")


def keepers() -> Iterator[Keeper]:
    """From the ground up, as the apps are listed."""
    yield from _keepers.values()


def keepers_downward() -> Iterator[Keeper]:
    """Upper rooms first: they find theirs through what lower rooms are about to give away."""
    yield from reversed(list(_keepers.values()))
