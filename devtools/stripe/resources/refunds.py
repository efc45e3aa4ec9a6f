from dataclasses import dataclass

from devtools.stripe.call import Call
from devtools.stripe.errors import InvalidError, Json, RefusedError, missing_parameter
from devtools.stripe.ids import new_id
from devtools.stripe.listing import page
from devtools.stripe.params import EXPAND, METADATA, Field, amount, choice, merge_metadata, read, text
from devtools.stripe.resources import charges, payment_methods


def create(call: Call) -> Json:
    given = read(
        call.params,
        {
            "amount": Field(amount),
            "charge": Field(text()),
            "payment_intent": Field(text()),
            "reason": Field(choice("duplicate", "fraudulent", "requested_by_customer")),
            **METADATA,
            **EXPAND,
        },
    )
    charge = _charge(call, given)
    taken = _amount(call, charge, given.get("amount"))
    plan = _plan(call, charge)
    refund: Json = {
        "id": new_id("re"),
        "object": "refund",
        "amount": taken,
        "balance_transaction": new_id("txn"),
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
        "metadata": merge_metadata({}, given.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if plan.status == "succeeded" else "succeeded",
        "transfer_reversal": None,
    }
    call.save(refund)
    charges.sync_refunded(call, charge)
    call.emit("refund.created", refund)
    call.emit("charge.refunded", charge)
    if plan.status != "now":
        call.store.run(
            "INSERT INTO later (account, refund, status, reason, due_at) VALUES (?, ?, ?, ?, ?)",
            call.account,
            refund["id"],
            plan.status,
            plan.reason,
            call.faults.wall_clock() + plan.delay,
        )
    return refund


def _charge(call: Call, given: Json) -> Json:
    if given.get("charge"):
        charge = call.get("charge", given["charge"], param="charge")
    elif given.get("payment_intent"):
        intent = call.get("payment_intent", given["payment_intent"], param="payment_intent")
        if intent["amount_received"] == 0:
            raise RefusedError(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = call.get("charge", intent["latest_charge"])
    else:
        raise missing_parameter("charge")
    if given.get("payment_intent") not in (None, charge["payment_intent"]):
        raise InvalidError("The charge does not belong to the PaymentIntent.", param="charge")
    if not charge["captured"]:
        raise RefusedError(f"Charge {charge['id']} has not been captured and cannot be refunded.", param="charge")
    return charge


def _amount(call: Call, charge: Json, asked: int | None) -> int:
    left: int = charge["amount_captured"] - charges.refunded_total(call, charge)
    if left <= 0:
        raise RefusedError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if asked is not None and asked > left:
        raise RefusedError(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    return left if asked is None else asked


@dataclass(frozen=True)
class _Plan:
    """What becomes of a refund later: nothing more ("now"), or a status the background thread will set."""

    status: str = "now"
    reason: str = "expired_or_canceled_card"
    delay: float = 1.0


def _plan(call: Call, charge: Json) -> _Plan:
    if fault := call.faults.strike_refund():
        return _Plan("failed", fault.failure_reason, fault.delay_ms / 1000)
    method = call.store.find(call.account, "payment_method", charge["payment_method"])
    outcome = "succeeds" if method is None else payment_methods.behaviour(method).refund
    return {"succeeds": _Plan(), "pending": _Plan("succeeded"), "fails": _Plan("failed")}[outcome]


def settle(call: Call, identifier: str, status: str, reason: str = "unknown") -> Json:
    """Move a refund on, as the bank would days later. A failed refund is owed again."""
    refund = call.get("refund", identifier)
    if refund["status"] in ("failed", status):
        raise RefusedError(f"Refund {identifier} has already {refund['status']}.")
    previous = {"status": refund["status"]}
    refund["status"] = status
    if status == "failed":
        refund.update(failure_reason=reason, failure_balance_transaction=new_id("txn"))
    call.save(refund)
    charges.sync_refunded(call, call.get("charge", refund["charge"]))
    call.emit("refund.updated", refund, previous)
    call.emit("charge.refund.updated", refund, previous)
    if status == "failed":
        call.emit("refund.failed", refund)
    return refund


def cancel(call: Call, identifier: str) -> Json:
    read(call.params, EXPAND)
    refund = call.get("refund", identifier)
    raise RefusedError(f"Refund {refund['id']} cannot be canceled: only refunds that require an action can be.")


def retrieve(call: Call, identifier: str) -> Json:
    read(call.params, EXPAND)
    return call.get("refund", identifier)


def update(call: Call, identifier: str) -> Json:
    given = read(call.params, {**METADATA, **EXPAND})
    refund = call.get("refund", identifier)
    refund["metadata"] = merge_metadata(refund["metadata"], given.get("metadata", {}))
    call.save(refund)
    call.emit("refund.updated", refund)
    return refund


def listing(call: Call) -> Json:
    return page(call, "refund", "/v1/refunds", {"charge": Field(text()), "payment_intent": Field(text())})
