"""What happens when a payment is confirmed: the bank approves, declines or asks the shopper first."""

from dataclasses import dataclass

from devtools.stripe.call import Call
from devtools.stripe.cards import DECLINES, Decline
from devtools.stripe.errors import CardError, Json, RefusedError, doc_url
from devtools.stripe.rendering import public
from devtools.stripe.resources import charges, payment_methods

_NEEDS_SHOPPER = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
_ACTIONS_NOT_HANDLED = Decline(
    "authentication_required",
    "authentication_not_handled",
    "This payment required an authentication action to complete, but `error_on_requires_action` was set. "
    "When you're ready, you can upgrade your integration to handle actions at "
    "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions.",
)
_AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    None,
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again.",
)


@dataclass(frozen=True)
class Terms:
    """How the merchant confirms."""

    off_session: bool = False
    error_on_requires_action: bool = False
    return_url: str | None = None


def confirm(call: Call, intent: Json, method: Json, terms: Terms) -> None:
    """Run one attempt. Raises CardError where Stripe answers 402; the changes stay."""
    intent["payment_method"] = method["id"]
    intent["last_payment_error"] = None
    intent["next_action"] = None
    intent["_return_url"] = terms.return_url
    if _needs_authentication(method, off_session=terms.off_session):
        if terms.off_session:
            _fail(call, intent, method, _NEEDS_SHOPPER, authenticated=False)
        elif terms.error_on_requires_action:
            _reject(call, intent, method, _ACTIONS_NOT_HANDLED, charge=None)
        else:
            _ask_shopper(call, intent)
            return
    else:
        settle(call, intent, method, authenticated=False)
    if intent["last_payment_error"] is not None:
        raise card_error(intent)


def _needs_authentication(method: Json, *, off_session: bool) -> bool:
    rule = payment_methods.behaviour(method).authentication
    if rule in ("never", "always") or not off_session:
        return rule != "never"
    return rule == "unless_set_up" and not method["_set_up"]


def _ask_shopper(call: Call, intent: Json) -> None:
    intent["status"] = "requires_action"
    if intent["_return_url"] is None:
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    else:
        intent["next_action"] = {
            "redirect_to_url": {
                "return_url": intent["_return_url"],
                "url": f"{call.base_url}/_bank/{intent['id']}?client_secret={intent['client_secret']}"
                + (f"&account={call.account}" if call.account else ""),
            },
            "type": "redirect_to_url",
        }
    call.save(intent)
    call.emit("payment_intent.requires_action", intent)


def settle(call: Call, intent: Json, method: Json, *, authenticated: bool) -> None:
    """The bank decides. After an authentication this is what the approved intent goes through."""
    decline = payment_methods.behaviour(method).decline
    if decline is not None:
        _fail(call, intent, method, DECLINES[decline], authenticated=authenticated)
        return
    charge = call.save(charges.build(call, intent, method, authenticated=authenticated, failure=None))
    intent["latest_charge"] = charge["id"]
    intent["next_action"] = None
    intent["last_payment_error"] = None
    _remember_method(call, intent, method)
    call.emit("charge.succeeded", charge)
    if intent["capture_method"] == "manual":
        intent["status"] = "requires_capture"
        intent["amount_capturable"] = intent["amount"]
        call.save(intent)
        call.emit("payment_intent.amount_capturable_updated", intent)
    else:
        intent["status"] = "succeeded"
        intent["amount_received"] = intent["amount"]
        call.save(intent)
        call.emit("payment_intent.succeeded", intent)


def _remember_method(call: Call, intent: Json, method: Json) -> None:
    """`setup_future_usage` saves the card; a card used without a customer cannot be used again."""
    if intent["setup_future_usage"] is not None and intent["customer"] is not None:
        if intent["setup_future_usage"] == "off_session":
            method["_set_up"] = True
        if method["customer"] is None:
            method["customer"] = intent["customer"]
            call.emit("payment_method.attached", method)
    elif method["customer"] is None:
        method["_used_up"] = True
    call.save(method)


def fail_authentication(call: Call, intent: Json, method: Json) -> None:
    _reject(call, intent, method, _AUTHENTICATION_FAILED, charge=None)


def _fail(call: Call, intent: Json, method: Json, decline: Decline, *, authenticated: bool) -> None:
    charge = call.save(charges.build(call, intent, method, authenticated=authenticated, failure=decline))
    intent["latest_charge"] = charge["id"]
    call.emit("charge.failed", charge)
    _reject(call, intent, method, decline, charge=charge["id"])


def _reject(call: Call, intent: Json, method: Json, decline: Decline, *, charge: str | None) -> None:
    kind = "invalid_request_error" if decline is _AUTHENTICATION_FAILED else "card_error"
    error: Json = {
        "code": decline.code,
        "doc_url": doc_url(decline.code),
        "message": decline.message,
        "payment_method": public(method),
        "type": kind,
    }
    if charge is not None:
        error["charge"] = charge
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error)
    call.save(intent)
    call.emit("payment_intent.payment_failed", intent)


def card_error(intent: Json) -> CardError:
    error = dict(intent["last_payment_error"])
    message, code = error.pop("message"), error.pop("code")
    for name in ("type", "doc_url"):
        error.pop(name)
    return CardError(message, code=code, extra={**error, "payment_intent": public(intent)})


def unexpected_state(intent: Json, message: str) -> RefusedError:
    return RefusedError(message, code="payment_intent_unexpected_state", extra={"payment_intent": public(intent)})
