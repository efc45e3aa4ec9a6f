"""What becomes of a confirmed change: working, at the bank, declined, undone, out of time, with a person."""

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from editing.rules import StepName
from portal import facts
from portal.facts import ChangeState
from portal.pages.edit import DiffRow, diff_rows
from portal.pages.order import Step, TotalRow, WindowBox, card_words, order_page
from portal.pages.shop import Notice
from portal.pages.words import Words


@dataclass(frozen=True, slots=True)
class ChangePage:
    order_id: uuid.UUID
    number: str
    change_id: uuid.UUID
    title: str
    lede: str
    amount: str
    card: str
    steps: tuple[Step, ...]
    rows: tuple[DiffRow, ...]
    totals: tuple[TotalRow, ...]
    window: WindowBox | None
    notice: Notice | None
    deadline: str
    can_retry: bool


def change_page(order: facts.Order, change: facts.Change, words: Words) -> ChangePage:
    frame = order_page(order, words)
    quote = change.quote
    amount = words.money(quote.due_minor) if quote else ""
    card = card_words(order.card)
    title, lede = _sentence(change, amount, card)
    return ChangePage(
        order_id=order.id,
        number=order.number,
        change_id=change.id,
        title=title,
        lede=lede,
        amount=amount,
        card=card,
        steps=_steps(change, amount),
        rows=diff_rows(order, quote, words) if quote else (),
        totals=(TotalRow(_("To pay"), amount, is_sum=True),),
        window=frame.window,
        notice=_notice(change, amount, card),
        deadline=words.until(change.deadline_at) if change.deadline_at else "",
        can_retry=frame.can_edit,
    )


def applied_notice(order: facts.Order, change: facts.Change, words: Words) -> Notice:
    if change.quote is None or not change.quote.due_minor:
        return Notice(_("Your order is changed"), _("There was nothing to pay."), "ok")
    charged = {"card": card_words(order.card), "amount": words.money(change.quote.due_minor)}
    return Notice(_("Your order is changed"), _("%(card)s was charged %(amount)s.") % charged, "ok")


def _sentence(change: facts.Change, amount: str, card: str) -> tuple[str, str]:
    values = {"amount": amount, "card": card}
    match change.state:
        case ChangeState.BANK:
            return _("Your bank wants to check it is you"), _(
                "Approve %(amount)s with the bank of your %(card)s. Then we update your order."
            ) % values
        case ChangeState.DECLINED:
            return _("Your card was declined, and nothing was charged"), _(
                "Your order is as it was. Your change is saved, so you can try again."
            )
        case ChangeState.EXPIRED:
            return _("The bank check ran out of time"), _("Nothing was charged. Your order is as it was.")
        case ChangeState.UNDONE:
            return _("We could not change your order"), _("You were not charged. Your order is as it was.")
        case ChangeState.PERSON:
            return _("One of us is looking at your change"), _(
                "Something did not go as planned. You need not do anything; we mail you when it is settled."
            )
        case _:
            return _("We are changing your order"), _("This can take a minute. You can leave this page; we mail you.")


def _notice(change: facts.Change, amount: str, card: str) -> Notice | None:
    values = {"amount": amount, "card": card}
    if change.state == ChangeState.DECLINED:
        reason = change.failure_text or _(
            "The bank did not tell us why. It is often a limit or a security check; your banking app can say more."
        )
        return Notice(_("The bank said no to %(amount)s on %(card)s") % values, reason, "bad")
    if change.state == ChangeState.UNDONE:
        return _undone_notice(change)
    return None


def _undone_notice(change: facts.Change) -> Notice:
    match change.failure_code:
        case "sold_out":
            return Notice(change.failure_text or _("What you added is sold out."), tone="bad")
        case "window_closed" | "order_cancelled":
            return Notice(_("The warehouse started on your order"), _("Changes have closed."), "warn")
        case "no_saved_card":
            return Notice(_("There is no card on this order that can be charged"), tone="bad")
        case _:
            return Notice(_("Something broke on our side"), _("You can try again."), "bad")


def _steps(change: facts.Change, amount: str) -> tuple[Step, ...]:
    """Four steps with a word each; the first one not done is where the change is now, or where it stopped."""
    done = [True, StepName.RESERVE in change.done, StepName.AUTHORISE in change.done, StepName.APPLY in change.done]
    names = [
        (_("Price checked"), _("Price checked"), amount),
        (_("Items set aside"), _("Setting the items aside"), ""),
        (_("%(amount)s approved by your bank") % {"amount": amount}, _("Your bank confirms"), ""),
        (_("Order updated"), _("Order updated"), _("We mail you the new summary")),
    ]
    current = done.index(False) if False in done else len(done)
    stopped = change.state in (ChangeState.DECLINED, ChangeState.UNDONE, ChangeState.EXPIRED)
    waiting = {ChangeState.BANK: _("Waiting for you"), ChangeState.DECLINED: _("Your bank said no")}
    steps = []
    for i, (past, ahead, text) in enumerate(names):
        if i < current:
            steps.append(Step(past, "done", text if i == 0 else ""))
        elif i == current:
            steps.append(Step(ahead, "bad" if stopped else "now", waiting.get(change.state, "")))
        else:
            steps.append(Step(ahead, "todo", "" if stopped else text))
    return tuple(steps)
