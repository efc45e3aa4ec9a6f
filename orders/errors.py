from core.errors import DomainError, ErrorKind


class OrderNotFound(DomainError):
    code = "order_not_found"
    kind = ErrorKind.NOT_FOUND
    message = "There is no such order."


class InvalidOrder(DomainError):
    code = "invalid_order"
    message = "The order has errors; see the fields."


class TotalMismatch(DomainError):
    code = "total_mismatch"
    message = "The total says {stated}, but lines and shipping add up to {computed}. Send figures that agree."


class FxRateRequired(DomainError):
    code = "fx_rate_required"
    message = "The order is in {currency}, the shop's currency is {merchant_currency}: send fx_rate."


class InvalidCustomer(DomainError):
    code = "invalid_customer"
    message = "The customer has errors; see the fields."


class InvalidProduct(DomainError):
    code = "invalid_product"
    message = "The product has errors; see the fields."


class NotStorable(DomainError):
    """The database refused one of many; the others are stored."""

    code = "not_storable"
    message = "This cannot be stored: {reason}."


class OrderCancelled(DomainError):
    code = "order_cancelled"
    kind = ErrorKind.CONFLICT
    message = "The order is cancelled."


class OrderAlreadyFulfilling(DomainError):
    code = "order_already_fulfilling"
    kind = ErrorKind.CONFLICT
    message = "Fulfilment has started; the order can no longer be cancelled here."


class FulfilmentExceedsOrder(DomainError):
    code = "fulfilment_exceeds_order"
    message = "Line {external_id} has {ordered} ordered, fewer than fulfilled and in progress together."


class UnknownLine(DomainError):
    code = "unknown_line"
    message = "The order has no line {external_id}."


class WindowClosed(DomainError):
    code = "window_closed"
    kind = ErrorKind.CONFLICT
    message = "The order can no longer be changed."


class EditUnderWay(DomainError):
    code = "edit_under_way"
    kind = ErrorKind.CONFLICT
    message = "Another change of this order is under way. Wait until it is done."
    retry_after_seconds = 5


class CustomerBusy(DomainError):
    code = "customer_busy"
    kind = ErrorKind.CONFLICT
    message = "{what} of this customer is under way. Erase them when it is done; nothing was changed."
    retry_after_seconds = 60


class CustomerErased(DomainError):
    code = "customer_erased"
    kind = ErrorKind.CONFLICT
    message = "This customer was erased already."


class SoldOut(DomainError):
    code = "sold_out"
    kind = ErrorKind.CONFLICT
    message = "{title} is sold out."
