"""A process that carries out an edit and may be killed: `python -m tests.faults.driver MERCHANT ORDER QUOTE`.

As the web server does it: commit, then drive. With only MERCHANT, as the worker does it: resume what stands still.
"""

import sys
import uuid

import django

django.setup()

from core.tenancy import tenant_scope  # noqa: E402
from editing.models import Quote  # noqa: E402
from editing.services.commit import edit_commit  # noqa: E402
from editing.services.resume import edits_resume  # noqa: E402
from editing.services.saga import saga_drive  # noqa: E402
from orders.services.revisions import Actor  # noqa: E402


def main(merchant_id: int, ids: list[str]) -> None:
    if not ids:
        edits_resume()
        return
    order_id, quote_id = (uuid.UUID(value) for value in ids)
    with tenant_scope(merchant_id):
        quote = Quote.objects.get(pk=quote_id)
        session = edit_commit(
            order_id=order_id,
            quote_id=quote_id,
            expected_due_minor=quote.due_minor,
            idempotency_key="the-button",
            actor=Actor("shopper", "link-1"),
        )
        saga_drive(session.pk)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
