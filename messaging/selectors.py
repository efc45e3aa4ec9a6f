"""Which addresses must not be written to."""

from collections.abc import Iterable

from core.crypto import keyed_hashes
from messaging.models import Message, Suppression
from orders.services.customers import normalise

PURPOSE = "messaging.suppression"


def suppression_reasons(channel: str, addresses: Iterable[str]) -> dict[str, str]:
    """The reason of each of these addresses that is suppressed, whichever pepper it was hashed under."""
    by_hash = {
        hash_: address for address in addresses if address for hash_ in keyed_hashes(PURPOSE, normalise(address))
    }
    rows = Suppression.objects.filter(channel=channel, address_hash__in=by_hash)
    return {by_hash[row.address_hash]: row.reason for row in rows}


def is_suppressed(channel: str, address: str, kind: str) -> str:
    """Why nothing of this kind may be sent to the address; empty when it may."""
    reason = suppression_reasons(channel, [address]).get(address, "")
    if reason == Suppression.Reason.UNSUBSCRIBED and kind == Message.Kind.TRANSACTIONAL:
        return ""
    return reason
