"""Orders from the shop: created or brought up to date as a whole, newest version wins. One is a batch of one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import DomainError
from core.tenancy import require_merchant_id
from merchants.models import Merchant
from orders.inputs import OrderInput
from orders.locks import Key, lock_orders, with_keys
from orders.models import Customer, Order
from orders.services.batches import raise_or_return, store_all
from orders.services.customers import CustomerBook
from orders.services.ingest.change import check_change, put
from orders.services.ingest.lines import KnownVariant, variants_of
from orders.services.ingest.refunds import Refunded, refunded_after
from orders.services.ingest.state import OrderBook, OrderState
from orders.services.revisions import SYSTEM, Actor, revision_make
from orders.services.validation import CheckedOrder, order_check
from orders.services.windows import window_after

OLDER, SAME, LIVE = "older", "same", "live"


@dataclass(frozen=True, slots=True)
class UpsertResult:
    """`applied` is False when nothing was changed, for a `reason`: the version was not newer, a file without versions
    says what is stored, or the order came live and no file without versions changes it.
    """

    order: Order
    created: bool
    applied: bool
    reason: str = ""


def order_upsert(*, data: OrderInput, actor: Actor = SYSTEM) -> UpsertResult:
    """Store the shop's order in the open scope. The same or an older version changes nothing; lines that were added
    here after checkout stay. Raises InvalidOrder, TotalMismatch, FxRateRequired, NotStorable.
    """
    return raise_or_return(orders_upsert(items=[data], actor=actor)[0])


def orders_upsert(*, items: Sequence[OrderInput], actor: Actor = SYSTEM) -> list[UpsertResult | DomainError]:
    """The same for up to 1,000 orders in one transaction and few statements, whatever their number.

    An order that is refused has its error in its place and does not stop the others. Where one order stands there
    more than once, each is applied after the other.
    """
    merchant = Merchant.objects.get(pk=require_merchant_id())

    def store(sound: Sequence[CheckedOrder]) -> list[UpsertResult | DomainError]:
        return _Batch(sound, merchant, actor).store()

    return store_all([_checked(data, merchant) for data in items], store)


def _checked(data: OrderInput, merchant: Merchant) -> CheckedOrder | DomainError:
    try:
        return order_check(data, merchant_currency=merchant.currency)
    except DomainError as error:
        return error


def _key(data: OrderInput) -> Key:
    return data.source, data.external_id


@dataclass(frozen=True, slots=True)
class _Before:
    """What events are derived from: the order as it was."""

    paid: bool = False
    cancelled: bool = False
    started: bool = False
    fulfilled: bool = False
    delivered: bool = False
    refunded_minor: int = 0


class _Batch:
    """Loads and locks what the orders concern, changes it in memory one after the other, writes it at once."""

    def __init__(self, items: Sequence[CheckedOrder], merchant: Merchant, actor: Actor) -> None:
        self.items, self.merchant, self.actor = items, merchant, actor
        orders = [item.data for item in items]
        which = with_keys({_key(data) for data in orders})
        self.book = OrderBook(lock_orders(which) if which else ())
        self.customers = CustomerBook({(data.source, data.customer.external_id) for data in orders if data.customer})
        self.variants: dict[str, dict[str, KnownVariant]] = variants_of(orders)

    def store(self) -> list[UpsertResult | DomainError]:
        results = [self._result(item) for item in self.items]
        self.customers.save()
        self.book.save()
        return results

    def _result(self, checked: CheckedOrder) -> UpsertResult | DomainError:
        try:
            return self._apply(checked)
        except DomainError as error:
            return error

    def _apply(self, checked: CheckedOrder) -> UpsertResult:
        data = checked.data
        state = self.book.get(_key(data))
        reason = _reason_to_leave(state, data)
        if state is not None and reason:
            return UpsertResult(state.order, created=False, applied=False, reason=reason)
        refunded = refunded_after(state, data)
        check_change(state, data, refunded)
        customer = None
        if data.customer is not None and not (state and state.is_erased):
            customer = self.customers.merge(data.source, data.customer, is_history=data.is_backfill).customer
        if state is None:
            order = _new_order(data, self.merchant)
            state = self.book.add(order)
            put(state, checked, customer, self.variants[data.source], refunded)
            self._write(state, "ingested", _Before(), tells_history=data.is_backfill)
            return UpsertResult(order, created=True, applied=True)
        return self._update(state, checked, customer, refunded)

    def _update(
        self, state: OrderState, checked: CheckedOrder, customer: Customer | None, refunded: Refunded
    ) -> UpsertResult:
        order, data = state.order, checked.data
        before, was_backfill = _before(order), order.is_backfill
        picture = None if data.version is not None else state.picture()
        put(state, checked, customer, self.variants[data.source], refunded)
        if picture is not None and picture == state.picture():
            return UpsertResult(order, created=False, applied=False, reason=SAME)
        order.external_version = order.external_version + 1 if data.version is None else data.version
        self._write(state, "updated", before, tells_history=data.is_backfill and was_backfill)
        return UpsertResult(order, created=False, applied=True)

    def _write(self, state: OrderState, reason: str, before: _Before, *, tells_history: bool) -> None:
        order = state.order
        state.revisions.append(revision_make(order, state.lines, reason=reason, actor=self.actor))
        if tells_history:
            self.book.tell_of_history(order)
        else:
            first = "order.placed" if reason == "ingested" else "order.updated"
            self.book.tell(order, [first, *_events(order, before)])
        state.window, event = window_after(state.window, order, self.merchant)
        if event:
            state.ended_window = event == "window.ended"
            self.book.tell_of_window(order, event)


def _reason_to_leave(state: OrderState | None, data: OrderInput) -> str:
    if state is None:
        return ""
    if data.version is None:
        return "" if state.order.is_backfill else LIVE
    return OLDER if data.version <= state.order.external_version else ""


def _new_order(data: OrderInput, merchant: Merchant) -> Order:
    return Order(
        merchant_id=merchant.pk,
        source=data.source,
        external_id=data.external_id,
        external_version=data.version or 0,  # whatever version the shop itself sends later is newer than a file's
        placed_at=data.placed_at,
        is_backfill=data.is_backfill,
    )


def _before(order: Order) -> _Before:
    return _Before(
        paid=order.paid_at is not None,
        cancelled=order.cancelled_at is not None,
        started=order.fulfilment_started_at is not None,
        fulfilled=order.fulfilled_at is not None,
        delivered=order.delivered_at is not None,
        refunded_minor=order.refunded_minor,
    )


def _events(order: Order, before: _Before) -> Iterator[str]:
    if order.paid_at and not before.paid:
        yield "order.paid"
    if order.refunded_minor > before.refunded_minor:
        yield "order.refunded"
    if order.cancelled_at and not before.cancelled:
        yield "order.cancelled"
    if order.fulfilment_started_at and not before.started:
        yield "order.fulfilment_started"
    if order.fulfilled_at and not before.fulfilled:
        yield "order.fulfilled"
    if order.delivered_at and not before.delivered:
        yield "order.delivered"
