from devtools.stripe.call import Call
from devtools.stripe.cards import Decline
from devtools.stripe.errors import Json
from devtools.stripe.ids import new_id
from devtools.stripe.listing import page
from devtools.stripe.params import EXPAND, Field, read, text


def build(call: Call, intent: Json, method: Json, *, authenticated: bool, failure: Decline | None) -> Json:
    captured = failure is None and intent["capture_method"] != "manual"
    amount = intent["amount"]
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount if captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": new_id("txn") if captured else None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "PRO TEST SHOP",
        "captured": captured,
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": failure.code if failure else None,
        "failure_message": failure.message if failure else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(failure),
        "paid": failure is None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _card_details(intent, method, authenticated), "type": "card"},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if failure else "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }


def _outcome(failure: Decline | None) -> Json:
    reason = None if failure is None else failure.decline_code or failure.code
    return {
        "advice_code": None if failure is None else "try_again_later",
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network" if failure is None else "declined_by_network",
        "reason": reason,
        "seller_message": "Payment complete." if failure is None else f"The bank returned the decline code `{reason}`.",
        "type": "authorized" if failure is None else "issuer_declined",
    }


def _card_details(intent: Json, method: Json, authenticated: bool) -> Json:
    card = method["card"]
    three_d_secure: Json | None = None
    if authenticated:
        three_d_secure = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": new_id("3ds"),
            "version": "2.2.0",
        }
    same = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {
        **{name: card[name] for name in same},
        "amount_authorized": intent["amount"],
        "authorization_code": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": three_d_secure,
        "transaction_link_id": None,
    }


def refunded_total(call: Call, charge: Json) -> int:
    """Refunds that count: the failed and the cancelled do not."""
    where = {"payment_intent": charge["payment_intent"], "charge": charge["id"]}
    refunds = call.store.newest_first(call.account, "refund", where)
    return sum(refund["amount"] for refund in refunds if refund["status"] not in ("failed", "canceled"))


def sync_refunded(call: Call, charge: Json) -> None:
    """Stripe counts the part that a capture left behind as refunded too."""
    charge["amount_refunded"] = charge["amount"] - charge["amount_captured"] + refunded_total(call, charge)
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.save(charge)


def retrieve(call: Call, identifier: str) -> Json:
    read(call.params, EXPAND)
    return call.get("charge", identifier)


def listing(call: Call) -> Json:
    return page(call, "charge", "/v1/charges", {"customer": Field(text()), "payment_intent": Field(text())})
