"""Orders of a batch as they are stored and as they become: loaded at once, changed in memory, written at once."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

from core import outbox
from core.db.rows import rows_insert, rows_update
from core.db.statistics import keep_statistics
from core.models import OutboxEvent
from core.outbox import News
from orders.locks import Key, lock_windows
from orders.models import Address, Customer, EditWindow, Order, OrderLine, OrderRefund, OrderRevision, OrderTender
from orders.services.batches import Raced
from orders.services.events import backfill_news, order_news, window_news

Row = TypeVar("Row", OrderLine, OrderTender, OrderRefund, EditWindow)
Values = Callable[[Any], tuple[Any, ...]]

# Counted by us, not told by the shop.
_COUNTED = {"version", "external_version", "updated_at"}


def _values(model: Any, without: Iterable[str] = ()) -> Values:
    names = [item.attname for item in model._meta.concrete_fields if item.attname not in without]
    return attrgetter(*names)


_order_values = _values(Order, _COUNTED)
_line_values = _values(OrderLine)
_tender_values = _values(OrderTender)


@dataclass(slots=True, eq=False)
class OrderState:
    order: Order
    is_new: bool
    lines: list[OrderLine] = field(default_factory=list)
    tenders: list[OrderTender] = field(default_factory=list)
    refunds: list[OrderRefund] = field(default_factory=list)
    window: EditWindow | None = None
    addresses: dict[uuid.UUID, Address] = field(default_factory=dict)
    revisions: list[OrderRevision] = field(default_factory=list)
    ended_window: bool = False
    is_erased: bool = False  # its customer was: nothing about them comes back
    _stored_lines: dict[uuid.UUID, tuple[Any, ...]] = field(default_factory=dict)
    _stored_tenders: list[OrderTender] = field(default_factory=list)

    def remember(self) -> None:
        """What is stored, so that only what changes is written."""
        self._stored_lines = {line.pk: _line_values(line) for line in self.lines}
        self._stored_tenders = self.tenders

    def picture(self) -> tuple[Any, ...]:
        """Whatever a shop can tell of an order; two that are equal need no revision between them."""
        lines = [_line_values(line) for line in self.lines]
        return _order_values(self.order), lines, [_tender_values(row) for row in self.tenders], len(self.refunds)

    @property
    def address(self) -> Address | None:
        return self._address(self.order.shipping_address_id)

    @property
    def billing_address(self) -> Address | None:
        return self._address(self.order.billing_address_id)

    def _address(self, address_id: uuid.UUID | None) -> Address | None:
        return None if address_id is None else self.addresses.get(address_id)

    def changed_lines(self) -> list[OrderLine]:
        stored = self._stored_lines
        return [line for line in self.lines if line.pk in stored and _line_values(line) != stored[line.pk]]

    def gone_lines(self) -> list[uuid.UUID]:
        kept = {line.pk for line in self.lines}
        return [line_id for line_id in self._stored_lines if line_id not in kept]

    def gone_tenders(self) -> list[uuid.UUID]:
        return [] if self.tenders is self._stored_tenders else [tender.pk for tender in self._stored_tenders]


class OrderBook:
    """The orders of a batch and the news of what happens to them."""

    def __init__(self, orders: Iterable[Order]) -> None:
        """Of orders that are locked."""
        states = [OrderState(order, is_new=False) for order in orders]
        self._states: dict[Key, OrderState] = {(s.order.source, s.order.external_id): s for s in states}
        self._news: list[News] = []
        self._backfilled: dict[uuid.UUID, Order] = {}
        if states:
            _load(states)

    def __iter__(self) -> Iterator[OrderState]:
        return iter(self._states.values())

    def get(self, key: Key) -> OrderState | None:
        return self._states.get(key)

    def add(self, order: Order) -> OrderState:
        state = self._states[order.source, order.external_id] = OrderState(order, is_new=True)
        return state

    def tell(self, order: Order, events: Iterable[str]) -> None:
        self._news += [order_news(order, event) for event in events]

    def tell_of_window(self, order: Order, event: str) -> None:
        self._news.append(window_news(event, order.pk))

    def tell_of_history(self, order: Order) -> None:
        self._backfilled[order.pk] = order

    def save(self) -> None:
        """Raises Raced when somebody else has created one of the orders meanwhile."""
        touched = [state for state in self._states.values() if state.revisions]
        new = sorted((state for state in touched if state.is_new), key=_key)
        known = [state for state in touched if not state.is_new]
        rows_insert(Address, _unsaved(address for state in touched for address in state.addresses.values()))
        if rows_insert(Order, [state.order for state in new], ignore_conflicts=True) < len(new):
            raise Raced
        rows_update(Order, [state.order for state in known])
        _save_parts(touched, known)
        rows_insert(OrderRevision, [revision for state in touched for revision in state.revisions])
        outbox.publish_all([*self._news, *backfill_news(list(self._backfilled.values()))])
        if len(new) > 1:
            keep_statistics(Customer, Address, Order, OrderLine, OutboxEvent)


def _key(state: OrderState) -> Key:
    return state.order.source, state.order.external_id


def _load(states: Sequence[OrderState]) -> None:
    ids = [state.order.pk for state in states]
    windows = lock_windows(ids)
    lines = _by_order(OrderLine.objects.filter(order_id__in=ids).order_by("position", "id"))
    tenders = _by_order(OrderTender.objects.filter(order_id__in=ids).order_by("position"))
    refunds = _by_order(OrderRefund.objects.filter(order_id__in=ids).order_by("refunded_at", "id"))
    address_ids = {state.order.shipping_address_id for state in states}
    address_ids |= {state.order.billing_address_id for state in states}
    addresses = Address.objects.in_bulk([address_id for address_id in address_ids if address_id])
    customer_ids = {state.order.customer_id for state in states if state.order.customer_id}
    erased = set(Customer.objects.filter(pk__in=customer_ids).exclude(erased_at=None).values_list("pk", flat=True))
    for state in states:
        order = state.order
        state.is_erased = order.customer_id in erased
        state.lines, state.tenders, state.refunds = lines[order.pk], tenders[order.pk], refunds[order.pk]
        state.window = windows.get(order.pk)
        here = (order.shipping_address_id, order.billing_address_id)
        state.addresses = {address_id: addresses[address_id] for address_id in here if address_id}
        state.remember()


def _by_order(rows: Iterable[Row]) -> dict[uuid.UUID, list[Row]]:
    found: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found


def _save_parts(touched: Sequence[OrderState], known: Sequence[OrderState]) -> None:
    gone_lines = [line_id for state in known for line_id in state.gone_lines()]
    if gone_lines:
        OrderLine.objects.filter(pk__in=gone_lines).delete()
    gone_tenders = [tender_id for state in known for tender_id in state.gone_tenders()]
    if gone_tenders:
        OrderTender.objects.filter(pk__in=gone_tenders).delete()
    rows_insert(OrderLine, _unsaved(line for state in touched for line in state.lines))
    rows_update(OrderLine, [line for state in known for line in state.changed_lines()])
    rows_insert(OrderTender, _unsaved(tender for state in touched for tender in state.tenders))
    rows_insert(OrderRefund, _unsaved(refund for state in touched for refund in state.refunds))
    windows = [state.window for state in touched if state.window is not None]
    ended = [state.window for state in known if state.window is not None and state.ended_window]
    rows_update(EditWindow, [window for window in ended if not window._state.adding])
    rows_insert(EditWindow, _unsaved(windows))


def _unsaved(rows: Iterable[Any]) -> list[Any]:
    return [row for row in rows if row._state.adding]
