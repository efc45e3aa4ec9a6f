"""The doors of this room. All are called within a tenant scope and outside any transaction, and may be called again after a
kill at any point: each records the call it is about to make (short transaction), calls the rail (no transaction), records what
came of it (short transaction). Nothing here moves money twice.

    from payments.services.charges import (
        PaymentOutcome, PaymentState,
        payment_authorise, payment_confirm_on_session, payment_capture, payment_void, payment_refresh,
    )

    payment_authorise(*, order_id, edit_id, attempt, amount_minor, description="") -> PaymentOutcome
        Charges the order's saved card off session, to be captured later. One (edit_id, attempt) is one intent for ever: the same
        arguments give the recorded outcome, another amount raises PaymentAttemptConflict. Raises NoSavedCard.
    payment_confirm_on_session(*, intent_id, return_url) -> PaymentOutcome
        With state REQUIRES_ACTION: send the shopper to `next_url`. The same intent is confirmed, never a second one.
    payment_capture(*, intent_id) -> PaymentOutcome
    payment_void(*, intent_id) -> PaymentOutcome
        Cancels, also while the outcome of the authorisation is unknown: the wish is recorded, and an intent that turns up later
        is cancelled then. State CAPTURED means that it was too late.
    payment_refresh(*, intent_id) -> PaymentOutcome
        Fetches the provider's truth and applies it; never goes backwards.

    PaymentOutcome: intent_id (ours, UUID), state, amount_minor, currency, captured_minor, next_url, decline_code,
        message (to the shopper, translated), provider_intent_id, is_final, may_retry
    PaymentState: PENDING REQUIRES_ACTION REQUIRES_CAPTURE CAPTURED DECLINED CANCELLED, and for a call without an answer
        UNKNOWN (call again later, with the same arguments; it may have happened) and UNAVAILABLE (surely not done; call again)

    from payments.selectors import saved_card     # saved_card(order_id) -> SavedCard(brand, last4, ...) | None
    Event `payment.updated`, aggregate "payment", payload {"intent_id", "order_id", "edit_id"}: published when a webhook or
    payment_refresh changed an intent, not for the answers that the caller of a service already has.
"""
