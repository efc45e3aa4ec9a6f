"""Stock set aside for an edit: held while it is charged, taken when it is applied, given back when it is not."""

import uuid
from collections.abc import Mapping

from django.db import transaction

from core import clock
from orders.errors import SoldOut
from orders.locks import lock_variants
from orders.models import StockReservation, Variant


def stock_reserve(*, edit_id: uuid.UUID, quantities: Mapping[uuid.UUID, int]) -> None:
    """Hold `quantities` (variant id → units) for the edit. Again for the same edit changes nothing. Raises SoldOut."""
    with transaction.atomic():
        variants = lock_variants(quantities)
        held = set(StockReservation.objects.filter(edit_id=edit_id).values_list("variant_id", flat=True))
        for variant_id, quantity in quantities.items():
            if variant_id in held:
                continue
            variant = variants.get(variant_id)
            if variant is None or not variant.is_active:
                raise SoldOut(title="This item")
            available = variant.available_quantity
            if available is not None and available < quantity:
                raise SoldOut(title=str(variant))
            variant.reserved_quantity += quantity
            variant.save(update_fields=["reserved_quantity"])
            StockReservation.objects.create(variant=variant, edit_id=edit_id, quantity=quantity)


def stock_release(*, edit_id: uuid.UUID) -> None:
    """Give back what the edit holds. Raises nothing when it holds nothing."""
    _finish(edit_id, StockReservation.State.RELEASED)


def stock_consume(*, edit_id: uuid.UUID) -> None:
    """Take what the edit holds out of stock."""
    _finish(edit_id, StockReservation.State.CONSUMED)


def stock_return(*, edit_id: uuid.UUID) -> None:
    """Put back what the edit has taken out of stock."""
    with transaction.atomic():
        for variant, reservation in _locked(edit_id, StockReservation.State.CONSUMED):
            if variant.stock_quantity is not None:
                variant.stock_quantity += reservation.quantity
                variant.save(update_fields=["stock_quantity"])
            reservation.state, reservation.finished_at = StockReservation.State.RELEASED, clock.now()
            reservation.save(update_fields=["state", "finished_at"])


def _finish(edit_id: uuid.UUID, state: str) -> None:
    with transaction.atomic():
        for variant, reservation in _locked(edit_id, StockReservation.State.HELD):
            variant.reserved_quantity -= reservation.quantity
            if state == StockReservation.State.CONSUMED and variant.stock_quantity is not None:
                variant.stock_quantity -= reservation.quantity
            variant.save(update_fields=["reserved_quantity", "stock_quantity"])
            reservation.state, reservation.finished_at = state, clock.now()
            reservation.save(update_fields=["state", "finished_at"])


def _locked(edit_id: uuid.UUID, state: str) -> list[tuple[Variant, StockReservation]]:
    """What the edit has in this state, with its variants locked."""
    reservations = StockReservation.objects.filter(edit_id=edit_id)
    variants = lock_variants(list(reservations.values_list("variant_id", flat=True)))
    return [(variants[row.variant_id], row) for row in reservations.select_for_update().filter(state=state)]
