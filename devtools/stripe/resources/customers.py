from devtools.stripe.call import Call
from devtools.stripe.errors import InvalidError, Json
from devtools.stripe.ids import new_id, token
from devtools.stripe.listing import page
from devtools.stripe.params import (
    ADDRESS,
    EXPAND,
    METADATA,
    SHIPPING,
    Field,
    Spec,
    array,
    mapping,
    merge_metadata,
    read,
    text,
)
from devtools.stripe.resources import payment_methods

_EDITABLE: Spec = {
    "address": Field(mapping(ADDRESS)),
    "description": Field(text()),
    "email": Field(text(512)),
    "invoice_settings": Field(mapping({"default_payment_method": Field(text())})),
    "name": Field(text()),
    "phone": Field(text()),
    "preferred_locales": Field(array(text())),
    "shipping": Field(mapping(SHIPPING)),
    **METADATA,
    **EXPAND,
}
_PLAIN = ("description", "email", "name", "phone", "preferred_locales", "shipping")


def create(call: Call) -> Json:
    given = read(call.params, {**_EDITABLE, "payment_method": Field(text())})
    identifier = new_id("cus")
    customer: Json = {
        "id": identifier,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": token(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    call.save(customer)
    if given.get("payment_method"):
        payment_methods.attach_to(call, given["payment_method"], identifier)
    _apply(call, customer, given)
    call.save(customer)
    call.emit("customer.created", customer)
    return customer


def _apply(call: Call, customer: Json, given: Json) -> None:
    for name in _PLAIN:
        if name in given:
            customer[name] = given[name] if given[name] is not None or name != "preferred_locales" else []
    if "address" in given:
        customer["address"] = payment_methods.address(given["address"])
    if "metadata" in given:
        customer["metadata"] = merge_metadata(customer["metadata"], given["metadata"])
    if settings := given.get("invoice_settings"):
        chosen = settings.get("default_payment_method")
        if chosen is not None and payment_methods.customer_of(call, chosen) != customer["id"]:
            raise InvalidError(
                f"The customer does not have a payment method with the ID {chosen}. "
                "The payment method must be attached to the customer.",
                code="resource_missing",
                param="invoice_settings[default_payment_method]",
            )
        customer["invoice_settings"]["default_payment_method"] = chosen


def retrieve(call: Call, identifier: str) -> Json:
    read(call.params, EXPAND)
    gone = call.store.find(call.account, "deleted_customer", identifier)
    return _tombstone(identifier) if gone is not None else call.get("customer", identifier)


def update(call: Call, identifier: str) -> Json:
    given = read(call.params, _EDITABLE)
    customer = call.get("customer", identifier)
    before = dict(customer)
    _apply(call, customer, given)
    call.save(customer)
    changed = {name: before[name] for name in before if before[name] != customer[name]}
    if changed:
        call.emit("customer.updated", customer, previous=changed)
    return customer


def delete(call: Call, identifier: str) -> Json:
    read(call.params, {})
    customer = call.get("customer", identifier)
    for method in call.store.newest_first(call.account, "payment_method", {"customer": identifier}):
        payment_methods.release(call, method)
    call.emit("customer.deleted", customer)
    call.store.delete(call.account, identifier)
    call.save({**_tombstone(identifier), "object": "deleted_customer", "created": call.now})
    return _tombstone(identifier)


def _tombstone(identifier: str) -> Json:
    return {"id": identifier, "object": "customer", "deleted": True}


def listing(call: Call) -> Json:
    return page(call, "customer", "/v1/customers", {"email": Field(text(512))})


def list_payment_methods(call: Call, identifier: str) -> Json:
    call.get("customer", identifier)
    url = f"/v1/customers/{identifier}/payment_methods"
    return page(call, "payment_method", url, {"type": Field(text())}, {"customer": identifier})
