"""Keeping addresses from being written to. The address itself is not kept, only its hash."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from core import clock
from core.crypto import keyed_hash, keyed_hashes
from merchants.services.audit import audit_record
from messaging.models import Suppression
from messaging.selectors import PURPOSE
from orders.services.customers import normalise
from orders.services.revisions import Actor

_STRENGTH = {reason: rank for rank, reason in enumerate(Suppression.Reason.values)}


def suppression_add(*, channel: str, address: str, reason: str) -> bool:
    """Suppress the address; the strongest reason wins. False if that was so already."""
    return suppressions_add(channel=channel, reasons={address: reason}) == 1


def suppressions_add(*, channel: str, reasons: Mapping[str, str]) -> int:
    """Suppress many addresses, each for its reason; returns how many are new or suppressed for a stronger reason."""
    wanted: dict[str, str] = {}
    for address, reason in reasons.items():
        if _STRENGTH[reason] >= _STRENGTH.get(wanted.get(normalise(address), ""), -1):
            wanted[normalise(address)] = reason
    wanted.pop("", None)
    with transaction.atomic():
        _insert(channel, wanted)
        return sum(_settle(rows, wanted[address]) for address, rows in _rows(channel, wanted).items())


def suppression_lift(*, channel: str, address: str, actor: Actor) -> bool:
    """Write to the address again; audited. False if it was not suppressed."""
    with transaction.atomic():
        rows = _rows(channel, [normalise(address)]).get(normalise(address), [])
        for row in rows:
            row_id = row.pk
            row.delete()
            audit_record(
                actor_type=actor.type,
                actor_id=actor.id,
                action="suppression.lifted",
                object_type="suppression",
                object_id=row_id,
                before={"channel": channel, "reason": row.reason},
            )
    return bool(rows)


def _insert(channel: str, wanted: Mapping[str, str]) -> None:
    """A row for each address that has none under any pepper. Empty reason: not settled yet."""
    known = _rows(channel, wanted)
    fresh = []
    for address in sorted(wanted.keys() - known.keys()):
        made = keyed_hash(PURPOSE, address)
        fresh.append(Suppression(channel=channel, address_hash=made.hash, key_version=made.key_version, reason=""))
    Suppression.objects.bulk_create(fresh, ignore_conflicts=True)


def _rows(channel: str, addresses: Iterable[str]) -> dict[str, list[Suppression]]:
    """The rows of each address, locked."""
    by_hash = {hash_: address for address in addresses for hash_ in keyed_hashes(PURPOSE, address)}
    found: dict[str, list[Suppression]] = {}
    rows = Suppression.objects.select_for_update().filter(channel=channel, address_hash__in=by_hash)
    for row in rows.order_by("pk"):
        found.setdefault(by_hash[row.address_hash], []).append(row)
    return found


def _settle(rows: list[Suppression], reason: str) -> int:
    strongest = max((row.reason for row in rows), key=lambda known: _STRENGTH.get(known, -1))
    if _STRENGTH.get(strongest, -1) >= _STRENGTH[reason]:
        return 0
    for row in rows:
        row.reason, row.at = reason, clock.now()
        row.save(update_fields=["reason", "at"])
    return 1
