"""How a payment intent ends: captured or cancelled."""

from devtools.stripe.call import Call
from devtools.stripe.errors import Json, RefusedError
from devtools.stripe.ids import new_id
from devtools.stripe.params import EXPAND, METADATA, Field, Spec, amount, boolean, choice, merge_metadata, read
from devtools.stripe.rendering import public
from devtools.stripe.resources import charges
from devtools.stripe.resources.payment_attempts import unexpected_state

_CANCELLABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")


def capture(call: Call, identifier: str) -> Json:
    spec: Spec = {"amount_to_capture": Field(amount), "final_capture": Field(boolean), **METADATA, **EXPAND}
    given = read(call.params, spec)
    intent = call.get("payment_intent", identifier)
    if intent["status"] != "requires_capture":
        reason = (
            "it has already been captured."
            if intent["status"] == "succeeded"
            else f"it has a status of {intent['status']}. Only a PaymentIntent with one of the following statuses may "
            "be captured: requires_capture."
        )
        raise unexpected_state(intent, f"This PaymentIntent could not be captured because {reason}")
    taken = given.get("amount_to_capture") or intent["amount_capturable"]
    if taken > intent["amount_capturable"]:
        raise RefusedError(
            f"The amount to capture ({taken}) is greater than the amount that can be captured "
            f"({intent['amount_capturable']}).",
            code="amount_too_large",
            param="amount_to_capture",
            extra={"payment_intent": public(intent)},
        )
    if "metadata" in given:
        intent["metadata"] = merge_metadata(intent["metadata"], given["metadata"])
    charge = call.get("charge", intent["latest_charge"])
    charge.update(captured=True, amount_captured=taken, balance_transaction=new_id("txn"))
    charges.sync_refunded(call, charge)
    intent.update(status="succeeded", amount_capturable=0, amount_received=taken)
    call.save(intent)
    call.emit("charge.captured", charge)
    call.emit("payment_intent.succeeded", intent)
    return intent


def cancel(call: Call, identifier: str) -> Json:
    reasons = choice("duplicate", "fraudulent", "requested_by_customer", "abandoned")
    given = read(call.params, {"cancellation_reason": Field(reasons), **EXPAND})
    intent = call.get("payment_intent", identifier)
    if intent["status"] not in _CANCELLABLE:
        raise unexpected_state(
            intent,
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join(_CANCELLABLE)}.",
        )
    if intent["status"] == "requires_capture":
        # The authorisation goes back as a whole; Stripe shows that as a refund of the uncaptured charge.
        charge = call.get("charge", intent["latest_charge"])
        charge.update(refunded=True, amount_refunded=charge["amount"])
        call.save(charge)
        call.emit("charge.refunded", charge)
    intent.update(
        status="canceled",
        amount_capturable=0,
        canceled_at=call.now,
        cancellation_reason=given.get("cancellation_reason"),
        next_action=None,
    )
    call.save(intent)
    call.emit("payment_intent.canceled", intent)
    return intent
