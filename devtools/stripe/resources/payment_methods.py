import hashlib
from datetime import UTC, datetime

from devtools.stripe.call import Call
from devtools.stripe.cards import BEHAVIOURS, CARDS, DECLINES, Behaviour, Card, card_for_number, is_luhn_valid
from devtools.stripe.errors import CardError, InvalidError, Json, RefusedError, missing_parameter
from devtools.stripe.ids import new_id
from devtools.stripe.listing import page
from devtools.stripe.params import (
    ADDRESS,
    EXPAND,
    METADATA,
    Field,
    Spec,
    choice,
    integer,
    mapping,
    merge_metadata,
    read,
    text,
)

_BILLING: Spec = {
    "address": Field(mapping(ADDRESS)),
    "email": Field(text()),
    "name": Field(text()),
    "phone": Field(text()),
}
_CARD: Spec = {
    "number": Field(text(32), required=True),
    "exp_month": Field(integer(), required=True),
    "exp_year": Field(integer(), required=True),
    "cvc": Field(text(4)),
}
_USED_UP = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. "
    "To use a PaymentMethod multiple times, you must attach it to a Customer first."
)


def address(given: Json | None) -> Json | None:
    return None if given is None else {name: given.get(name) for name in sorted(ADDRESS)}


def create(call: Call) -> Json:
    given = read(
        call.params,
        {
            "type": Field(choice("card"), required=True),
            "card": Field(mapping(_CARD)),
            "billing_details": Field(mapping(_BILLING)),
            **METADATA,
            **EXPAND,
        },
    )
    if given.get("card") is None:
        raise missing_parameter("card")
    details = given["card"]
    number = details["number"].replace(" ", "")
    _check_card(call, number, details)
    year = details["exp_year"] + (2000 if details["exp_year"] < 100 else 0)
    method = _build(call, card_for_number(number), details["exp_month"], year)
    method["billing_details"] = _billing(given.get("billing_details"))
    method["metadata"] = merge_metadata({}, given.get("metadata", {}))
    return call.save(method)


def _check_card(call: Call, number: str, details: Json) -> None:
    if not is_luhn_valid(number):
        raise CardError("Your card number is incorrect.", code="incorrect_number", param="number")
    if not 1 <= details["exp_month"] <= 12:
        raise CardError("Your card's expiration month is invalid.", code="invalid_expiry_month", param="exp_month")
    today = datetime.fromtimestamp(call.now, tz=UTC)
    year = details["exp_year"] + (2000 if details["exp_year"] < 100 else 0)
    if (year, details["exp_month"]) < (today.year, today.month) or year > today.year + 50:
        raise CardError("Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year")
    cvc = details.get("cvc")
    if cvc is not None and not (cvc.isascii() and cvc.isdecimal() and len(cvc) >= 3):
        raise CardError("Your card's security code is invalid.", code="invalid_cvc", param="cvc")


def _build(call: Call, card: Card, month: int, year: int) -> Json:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": _billing(None),
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "unchecked"},
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
            "funding": "credit",
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": call.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_behaviour": card.behaviour,
        "_set_up": False,
        "_used_up": False,
    }


def _billing(given: Json | None) -> Json:
    details = given or {}
    empty: Json = dict.fromkeys(sorted(ADDRESS))
    return {
        "address": address(details.get("address")) or empty,
        "email": details.get("email"),
        "name": details.get("name"),
        "phone": details.get("phone"),
        "tax_id": None,
    }


def resolve(call: Call, identifier: str, *, param: str | None) -> Json:
    """A stored method, or a fresh one behind a test name such as pm_card_visa."""
    card = CARDS.get(identifier)
    if card is None:
        return call.get("payment_method", identifier, param=param)
    return call.save(_build(call, card, 12, datetime.fromtimestamp(call.now, tz=UTC).year + 3))


def behaviour(method: Json) -> Behaviour:
    return BEHAVIOURS[method["_behaviour"]]


def customer_of(call: Call, identifier: str) -> str | None:
    found = call.store.find(call.account, "payment_method", identifier)
    return None if found is None else found["customer"]


def check_usable(method: Json, customer: str | None) -> None:
    """Refuse a method of another customer and one that was used or detached before."""
    if method["_used_up"]:
        raise InvalidError(_USED_UP, code="payment_method_unexpected_state", param="payment_method")
    if method["customer"] is not None and customer is None:
        raise InvalidError(
            f"The provided PaymentMethod {method['id']} belongs to the Customer {method['customer']}. "
            "Please include the Customer in the `customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    if method["customer"] not in (None, customer):
        raise InvalidError(
            f"The customer does not have a payment method with the ID {method['id']}. "
            "The payment method must be attached to the customer.",
            code="resource_missing",
            param="payment_method",
        )


def attach_to(call: Call, identifier: str, customer: str, *, param: str | None = "payment_method") -> Json:
    method = resolve(call, identifier, param=param)
    if method["_used_up"]:
        raise InvalidError(_USED_UP, code="payment_method_unexpected_state", param="payment_method")
    if method["customer"] not in (None, customer):
        raise RefusedError(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    rule = behaviour(method)
    if rule.decline is not None and not rule.attaches:
        raise declined(rule.decline, {})
    method["customer"] = customer
    method["card"]["checks"]["cvc_check"] = "pass"
    call.save(method)
    call.emit("payment_method.attached", method)
    return method


def declined(name: str, extra: Json) -> CardError:
    decline = DECLINES[name]
    more: Json = {} if decline.decline_code is None else {"decline_code": decline.decline_code}
    return CardError(decline.message, code=decline.code, extra={**more, **extra})


def attach(call: Call, identifier: str) -> Json:
    given = read(call.params, {"customer": Field(text(), required=True), **EXPAND})
    call.get("customer", given["customer"], param="customer")
    return attach_to(call, identifier, given["customer"], param=None)


def detach(call: Call, identifier: str) -> Json:
    read(call.params, EXPAND)
    method = call.get("payment_method", identifier)
    if method["customer"] is None:
        raise RefusedError(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            code="payment_method_unexpected_state",
        )
    return release(call, method)


def release(call: Call, method: Json) -> Json:
    owner = method["customer"]
    method.update(customer=None, _used_up=True)
    call.save(method)
    holder = call.store.find(call.account, "customer", owner)
    if holder is not None and holder["invoice_settings"]["default_payment_method"] == method["id"]:
        holder["invoice_settings"]["default_payment_method"] = None
        call.save(holder)
    call.emit("payment_method.detached", method, previous={"customer": owner})
    return method


def retrieve(call: Call, identifier: str) -> Json:
    read(call.params, EXPAND)
    return call.get("payment_method", identifier)


def update(call: Call, identifier: str) -> Json:
    given = read(call.params, {"billing_details": Field(mapping(_BILLING)), **METADATA, **EXPAND})
    method = call.get("payment_method", identifier)
    if method["customer"] is None:
        raise RefusedError("You must attach this PaymentMethod to a customer before you can update it.")
    if "billing_details" in given:
        method["billing_details"] = _billing(given["billing_details"])
    if "metadata" in given:
        method["metadata"] = merge_metadata(method["metadata"], given["metadata"])
    call.save(method)
    call.emit("payment_method.updated", method)
    return method


def listing(call: Call) -> Json:
    filters = {"customer": Field(text()), "type": Field(text())}
    return page(call, "payment_method", "/v1/payment_methods", filters)


def retrieve_for_customer(call: Call, customer: str, identifier: str) -> Json:
    read(call.params, EXPAND)
    method = call.get("payment_method", identifier)
    check_usable(method, customer)
    return method
