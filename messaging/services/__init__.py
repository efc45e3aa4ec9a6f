"""The doors of this room.

    from messaging.services.enqueue import message_enqueue

    message_enqueue(
        *, merchant_id, template, to_email, context, dedupe_key, order_id=None, customer_id=None, locale=None,
        kind="transactional"
    )

Addresses that must not be written to: `messaging.services.suppression` adds and lifts, `messaging.selectors` asks.

A room above adds templates in its own folder `templates/messaging/`, extending `messaging/base.html` and
`messaging/base.txt`, or uses the template "notice", whose context is: subject, heading, paragraphs [text]; and where
wanted lines [{title, detail, amount}], totals [{label, amount}], action_url, action_label, note. Amounts and times are
texts.
"""
