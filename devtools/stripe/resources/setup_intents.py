from devtools.stripe.call import Call
from devtools.stripe.errors import InvalidError, Json, RefusedError
from devtools.stripe.ids import new_id, token
from devtools.stripe.listing import page
from devtools.stripe.params import (
    EXPAND,
    METADATA,
    Field,
    Spec,
    array,
    boolean,
    choice,
    mapping,
    merge_metadata,
    read,
    text,
    url,
)
from devtools.stripe.rendering import public
from devtools.stripe.resources import payment_methods
from devtools.stripe.resources.payment_intents import check_types

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_CREATE: Spec = {
    "allowed_payment_method_types": Field(array(choice("card", "link"))),
    "automatic_payment_methods": Field(
        mapping({"enabled": Field(boolean, required=True), "allow_redirects": Field(choice("always", "never"))})
    ),
    "confirm": Field(boolean),
    "customer": Field(text()),
    "description": Field(text(1000)),
    "payment_method": Field(text()),
    "return_url": Field(url),
    "usage": Field(choice("off_session", "on_session")),
    "use_stripe_sdk": Field(boolean),
    **METADATA,
    **EXPAND,
}
_MISSING_METHOD = (
    "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment "
    "method and then confirm it again."
)


def create(call: Call) -> Json:
    check_types(call)
    given = read(call.params, _CREATE)
    identifier = new_id("seti")
    automatic = given.get("automatic_payment_methods") or {"enabled": True}
    if given.get("customer"):
        call.get("customer", given["customer"], param="customer")
    intent: Json = {
        "id": identifier,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": {
            "allow_redirects": automatic.get("allow_redirects", "always"),
            "enabled": automatic["enabled"],
        },
        "cancellation_reason": None,
        "client_secret": f"{identifier}_secret_{token(25)}",
        "created": call.now,
        "customer": given.get("customer"),
        "description": given.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merge_metadata({}, given.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"mandate_options": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": given.get("allowed_payment_method_types") or ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": given.get("usage") or "off_session",
    }
    if given.get("payment_method"):
        _choose(call, intent, given["payment_method"])
    call.save(intent)
    call.emit("setup_intent.created", intent)
    if given.get("confirm"):
        _confirm(call, intent, given.get("return_url"))
    return intent


def _choose(call: Call, intent: Json, identifier: str) -> None:
    method = payment_methods.resolve(call, identifier, param="payment_method")
    payment_methods.check_usable(method, intent["customer"])
    intent.update(payment_method=method["id"], status="requires_confirmation")


def _confirm(call: Call, intent: Json, return_url: str | None) -> None:
    if intent["payment_method"] is None:
        raise InvalidError(_MISSING_METHOD, code="setup_intent_unexpected_state")
    automatic = intent["automatic_payment_methods"]
    if automatic["enabled"] and automatic["allow_redirects"] == "always" and return_url is None:
        raise InvalidError(
            "This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
            "payment methods might redirect your customer off of your page, you must provide a `return_url`."
        )
    method = call.get("payment_method", intent["payment_method"])
    intent["_return_url"] = return_url
    if payment_methods.behaviour(method).authentication == "never":
        finish(call, intent, method)
        if intent["last_setup_error"] is not None:
            raise payment_methods.declined(
                payment_methods.behaviour(method).decline or "generic", {"setup_intent": public(intent)}
            )
        return
    intent["status"] = "requires_action"
    intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    if return_url is not None:
        address = f"{call.base_url}/_bank/{intent['id']}?client_secret={intent['client_secret']}"
        address += f"&account={call.account}" if call.account else ""
        intent["next_action"] = {
            "redirect_to_url": {"return_url": return_url, "url": address},
            "type": "redirect_to_url",
        }
    call.save(intent)
    call.emit("setup_intent.requires_action", intent)


def finish(call: Call, intent: Json, method: Json) -> None:
    """The bank has let the card be saved, unless it is one that cannot be attached at all."""
    rule = payment_methods.behaviour(method)
    if rule.decline is not None and not rule.attaches:
        error = payment_methods.declined(rule.decline, {}).body()["error"]
        fail(call, intent, method, error)
        return
    method["_set_up"] = intent["usage"] == "off_session"
    if intent["customer"] is not None and method["customer"] is None:
        method["customer"] = intent["customer"]
        call.emit("payment_method.attached", method)
    call.save(method)
    intent.update(status="succeeded", next_action=None, last_setup_error=None)
    call.save(intent)
    call.emit("setup_intent.succeeded", intent)


def fail(call: Call, intent: Json, method: Json, error: Json | None = None) -> None:
    failure: Json = error or {
        "code": "setup_intent_authentication_failure",
        "message": "The latest attempt to set up the payment method has failed because authentication failed.",
        "type": "invalid_request_error",
    }
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error={**failure, "payment_method": public(method)},
    )
    call.save(intent)
    call.emit("setup_intent.setup_failed", intent)


def confirm(call: Call, identifier: str) -> Json:
    check_types(call)
    names = ("payment_method", "return_url", "use_stripe_sdk", "expand")
    given = read(call.params, {name: _CREATE[name] for name in names})
    intent = call.get("setup_intent", identifier)
    if intent["status"] not in _OPEN:
        raise RefusedError(
            f"You cannot confirm this SetupIntent because it has already {intent['status']}.",
            code="setup_intent_unexpected_state",
            extra={"setup_intent": public(intent)},
        )
    if given.get("payment_method"):
        _choose(call, intent, given["payment_method"])
    _confirm(call, intent, given.get("return_url"))
    return intent


def cancel(call: Call, identifier: str) -> Json:
    reasons = choice("abandoned", "duplicate", "requested_by_customer")
    given = read(call.params, {"cancellation_reason": Field(reasons), **EXPAND})
    intent = call.get("setup_intent", identifier)
    if intent["status"] not in _OPEN:
        raise RefusedError(
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
            extra={"setup_intent": public(intent)},
        )
    intent.update(status="canceled", next_action=None, cancellation_reason=given.get("cancellation_reason"))
    call.save(intent)
    call.emit("setup_intent.canceled", intent)
    return intent


def retrieve(call: Call, identifier: str) -> Json:
    read(call.params, {"client_secret": Field(text()), **EXPAND})
    return call.get("setup_intent", identifier)


def listing(call: Call) -> Json:
    filters = {"customer": Field(text()), "payment_method": Field(text())}
    return page(call, "setup_intent", "/v1/setup_intents", filters)
