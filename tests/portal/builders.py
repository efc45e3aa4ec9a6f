"""Facts for presenter tests: one believable order, changed with `dataclasses.replace`."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from editing.rules import StepName
from portal import facts
from portal.pages.words import Words

NOW = datetime(2026, 6, 16, 20, 28, tzinfo=UTC)
WORDS = Words("en-US", "America/Los_Angeles", "USD", NOW)
WINDOW = facts.Window(True, NOW - timedelta(minutes=46), NOW + timedelta(minutes=134))
ORDER = facts.Order(
    id=uuid.UUID(int=1),
    number="HP-20481",
    currency="USD",
    is_tax_inclusive=False,
    placed_at=NOW - timedelta(minutes=46),
    lines=(facts.Line("Ember table lamp", "Clay", "", 1, 4800), facts.Line("Fieldstone mug", "Oat", "", 2, 1150)),
    items_minor=7100,
    discount_minor=710,
    shipping_minor=690,
    shipping_title="3–4 days",
    tax_minor=512,
    total_minor=7592,
    paid_at=NOW - timedelta(minutes=46),
    card=facts.Card("visa", "4242"),
    is_chargeable=True,
    window=WINDOW,
    recipient=facts.Recipient("Mara Reyes", "118 Alder Road", "Portland, OR 97214", "mara@example.com"),
)
TRAY = facts.Addition(uuid.UUID(int=7), "Kiln tray", "Sage", "", 1, 2400)
QUOTE = facts.Quote(
    id=uuid.UUID(int=2),
    additions=(TRAY,),
    tax_minor=192,
    paid_minor=7592,
    new_total_minor=10184,
    due_minor=2592,
    expires_at=NOW + timedelta(minutes=10),
)


def change(state: facts.ChangeState, *done: StepName, **more: Any) -> facts.Change:
    return facts.Change(uuid.UUID(int=3), state, QUOTE, done=frozenset(done), **more)
