from devtools.stripe.call import Call
from devtools.stripe.errors import InvalidError, Json
from devtools.stripe.ids import new_id, token
from devtools.stripe.listing import page
from devtools.stripe.params import (
    EXPAND,
    METADATA,
    SHIPPING,
    Field,
    Spec,
    amount,
    array,
    boolean,
    choice,
    currency,
    mapping,
    merge_metadata,
    read,
    text,
    url,
)
from devtools.stripe.resources import payment_methods
from devtools.stripe.resources.payment_attempts import Terms, confirm, unexpected_state

# The least that can be charged (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts), in minor units.
_MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
# Currencies whose last digits must be 0 (docs.stripe.com/currencies#special-cases and #three-decimal).
_STEPS = {"isk": 100, "ugx": 100, "bhd": 10, "iqd": 10, "jod": 10, "kwd": 10, "lyd": 10, "omr": 10, "tnd": 10}
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_EDITABLE: Spec = {
    "customer": Field(text()),
    "description": Field(text(1000)),
    "payment_method": Field(text()),
    "receipt_email": Field(text(800)),
    "setup_future_usage": Field(choice("off_session", "on_session")),
    "shipping": Field(mapping(SHIPPING)),
    "statement_descriptor": Field(text(22)),
    "statement_descriptor_suffix": Field(text(22)),
    "transfer_group": Field(text()),
    **METADATA,
    **EXPAND,
}
_CONFIRM: Spec = {
    "error_on_requires_action": Field(boolean),
    "off_session": Field(choice("true", "false", "one_off", "recurring")),
    "return_url": Field(url),
    "use_stripe_sdk": Field(boolean),
}
_CREATE: Spec = {
    **_EDITABLE,
    **_CONFIRM,
    "allowed_payment_method_types": Field(array(choice("card", "link"))),
    "amount": Field(amount, required=True),
    "automatic_payment_methods": Field(
        mapping({"enabled": Field(boolean, required=True), "allow_redirects": Field(choice("always", "never"))})
    ),
    "capture_method": Field(choice("automatic", "automatic_async", "manual")),
    "confirm": Field(boolean),
    "confirmation_method": Field(choice("automatic", "manual")),
    "currency": Field(currency, required=True),
}
_PLAIN = ("description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
          "statement_descriptor_suffix", "transfer_group")  # fmt: skip
_NEEDS_RETURN_URL = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
    "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want "
    "to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)


def check_types(call: Call) -> None:
    """Since 2026-09-30 the types can no longer be given."""
    if "payment_method_types" in call.params:
        raise InvalidError(
            "`payment_method_types` is no longer supported. Use `automatic_payment_methods` or "
            "`allowed_payment_method_types`.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )


def create(call: Call) -> Json:
    check_types(call)
    given = read(call.params, _CREATE)
    _check_amount(given["amount"], given["currency"])
    if not given.get("confirm"):
        for name in _CONFIRM:
            if given.get(name) not in (None, False, "false"):
                raise InvalidError(f"You cannot pass `{name}` without setting `confirm` to `true`.", param=name)
    elif not given.get("payment_method"):
        raise InvalidError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
        )
    intent = _build(call, given)
    _apply(call, intent, given)
    if given.get("confirm"):
        _check_return_url(intent, given)
    call.save(intent)
    call.emit("payment_intent.created", intent)
    if given.get("confirm"):
        _attempt(call, intent, given)
    return intent


def _check_amount(amount_minor: int, code: str) -> None:
    least = _MINIMUM.get(code, 1)
    if amount_minor < least:
        raise InvalidError(
            f"Amount must be at least {least} in the minor unit of {code}.", code="amount_too_small", param="amount"
        )
    step = _STEPS.get(code, 1)
    if amount_minor % step:
        raise InvalidError(f"Invalid amount: amounts in {code} must be divisible by {step}.", param="amount")


def _build(call: Call, given: Json) -> Json:
    identifier = new_id("pi")
    automatic = given.get("automatic_payment_methods")
    types = given.get("allowed_payment_method_types")
    if automatic is None and types is None:
        automatic = {"enabled": True}
    if automatic is not None:
        automatic = {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": automatic["enabled"]}
    return {
        "id": identifier,
        "object": "payment_intent",
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method") or "automatic_async",
        "client_secret": f"{identifier}_secret_{token(25)}",
        "confirmation_method": given.get("confirmation_method") or "automatic",
        "created": call.now,
        "currency": given["currency"],
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"installments": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": types or ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        "_return_url": None,
    }


def _apply(call: Call, intent: Json, given: Json) -> None:
    for name in _PLAIN:
        if name in given:
            intent[name] = given[name]
    if "metadata" in given:
        intent["metadata"] = merge_metadata(intent["metadata"], given["metadata"])
    if "customer" in given:
        if given["customer"] is not None:
            call.get("customer", given["customer"], param="customer")
        intent["customer"] = given["customer"]
    if given.get("payment_method"):
        method = payment_methods.resolve(call, given["payment_method"], param="payment_method")
        payment_methods.check_usable(method, intent["customer"])
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"


def _check_return_url(intent: Json, given: Json) -> None:
    """Stripe asks for it even off-session, unless redirects are switched off."""
    automatic = intent["automatic_payment_methods"]
    redirects = automatic is not None and automatic["enabled"] and automatic["allow_redirects"] == "always"
    if redirects and not given.get("return_url"):
        raise InvalidError(_NEEDS_RETURN_URL)


def _attempt(call: Call, intent: Json, given: Json) -> None:
    method = call.get("payment_method", intent["payment_method"], param="payment_method")
    terms = Terms(
        off_session=given.get("off_session") not in (None, "false"),
        error_on_requires_action=bool(given.get("error_on_requires_action")),
        return_url=given.get("return_url"),
    )
    confirm(call, intent, method, terms)


def confirm_intent(call: Call, identifier: str) -> Json:
    check_types(call)
    names = ("payment_method", "receipt_email", "setup_future_usage", "shipping", "expand")
    capture: Spec = {"capture_method": _CREATE["capture_method"]}
    given = read(call.params, {**_CONFIRM, **capture, **{name: _EDITABLE[name] for name in names}})
    intent = call.get("payment_intent", identifier)
    if intent["status"] not in _CONFIRMABLE:
        raise unexpected_state(
            intent,
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}. "
            "Only a PaymentIntent with one of the following statuses may be confirmed: "
            f"{', '.join(_CONFIRMABLE)}.",
        )
    if given.get("capture_method"):
        intent["capture_method"] = given["capture_method"]
    _apply(call, intent, given)
    if intent["payment_method"] is None:
        raise unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
        )
    _check_return_url(intent, given)
    _attempt(call, intent, given)
    return intent


def retrieve(call: Call, identifier: str) -> Json:
    given = read(call.params, {"client_secret": Field(text()), **EXPAND})
    intent = call.get("payment_intent", identifier)
    if given.get("client_secret") not in (None, intent["client_secret"]):
        raise InvalidError("The client_secret provided does not match the PaymentIntent.", param="client_secret")
    return intent


def update(call: Call, identifier: str) -> Json:
    check_types(call)
    spec: Spec = {**_EDITABLE, "amount": Field(amount), "currency": Field(currency)}
    given = read(call.params, spec)
    intent = call.get("payment_intent", identifier)
    changes_payment = {"amount", "currency", "payment_method", "customer"} & set(given)
    if changes_payment and intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise unexpected_state(
            intent,
            f"This PaymentIntent's {sorted(changes_payment)[0]} could not be updated because it has a status of "
            f"{intent['status']}. You may only update the amount of a PaymentIntent with one of the following "
            "statuses: requires_payment_method, requires_confirmation.",
        )
    for name in ("amount", "currency"):
        intent[name] = given.get(name) or intent[name]
    _check_amount(intent["amount"], intent["currency"])
    _apply(call, intent, given)
    return call.save(intent)


def listing(call: Call) -> Json:
    return page(call, "payment_intent", "/v1/payment_intents", {"customer": Field(text())})
