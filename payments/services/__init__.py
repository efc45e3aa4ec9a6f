"""The doors of this room.

All are called within a tenant scope and outside any transaction, and may be called again after a kill at any point:
each records the call it is about to make (short transaction), calls the rail (no transaction), and records what came
of it (short transaction). Nothing here moves money twice.

    from payments.services.charges import (
        PaymentOutcome, PaymentState,
        payment_authorise, payment_confirm_on_session, payment_capture, payment_void, payment_refresh,
    )

    payment_authorise(*, order_id, edit_id, attempt, amount_minor, description="") -> PaymentOutcome
        Charges the order's saved card off session, to be captured later. One (edit_id, attempt) is one intent for ever:
        the same arguments give the recorded outcome, another amount raises PaymentAttemptConflict. So does a new
        attempt while an earlier one may still take money: void that one first. Raises NoSavedCard.
    payment_confirm_on_session(*, intent_id, return_url) -> PaymentOutcome
        With state REQUIRES_ACTION: send the shopper to `next_url`. The same intent is confirmed, never a second one.
    payment_capture(*, intent_id) -> PaymentOutcome
        Raises PaymentStateConflict if it is not authorised, or is to be voided.
    payment_void(*, intent_id) -> PaymentOutcome
        Cancels, also while the outcome of the authorisation is unknown: the wish is recorded, and an intent that turns
        up later is cancelled then. State SUCCEEDED means that it was too late, UNKNOWN: call again.
    payment_refresh(*, intent_id) -> PaymentOutcome
        Fetches the provider's truth and applies it; never goes backwards.

`PaymentOutcome.state`: PENDING, REQUIRES_ACTION, REQUIRES_CAPTURE, SUCCEEDED, DECLINED, CANCELLED; and for a call
without an answer UNKNOWN (it may have happened) or UNAVAILABLE (surely not done). `should_call_again` says whether
the same call is to be made later; `message` is what a shopper reads after a decline.

Every service may raise RailMisconfigured (no key, or Stripe refuses it): nothing was done, try again when it is
repaired.

Event `payment.updated`, payload {"intent_id", "order_id", "edit_id"}: a webhook or payment_refresh changed an intent.
It is not published for answers that the caller of a service already has.
"""
