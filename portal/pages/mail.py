"""What the portal's mails say. Amounts and times as on the page that the mail leads to."""

from typing import Any

from django.utils.translation import gettext as _

from portal import facts
from portal.facts import ChangeState
from portal.pages.order import LineRow, card_words, order_page
from portal.pages.words import Words


def order_open(order: facts.Order, words: Words, url: str) -> dict[str, Any]:
    page = order_page(order, words)
    until = {"time": words.until(order.window.closes_at)} if order.window else {"time": ""}
    if page.can_edit:
        text = _("Forgot something? Add it until %(time)s, and it goes in the same parcel.") % until
        label = _("Add to my order")
    else:
        text = _("You can follow it on its page.")
        label = _("See my order")
    return {
        "subject": _("Your order %(number)s is in") % {"number": order.number},
        "heading": _("Your order is in"),
        "paragraphs": [text],
        "lines": page.lines,
        "totals": page.totals,
        "action_url": url,
        "action_label": label,
        "note": _("The link opens your order for 21 days. Whoever has it can see it, so keep it to yourself."),
    }


def order_link(order: facts.Order, url: str) -> dict[str, Any]:
    return {
        "subject": _("The link to your order %(number)s") % {"number": order.number},
        "heading": _("Here is your order"),
        "paragraphs": [_("Somebody asked for this link on our page. If it was not you, there is nothing to do.")],
        "action_url": url,
        "action_label": _("See my order"),
        "note": _("The link opens your order for 21 days. Whoever has it can see it, so keep it to yourself."),
    }


def change_applied(order: facts.Order, change: facts.Change, words: Words, url: str) -> dict[str, Any]:
    page = order_page(order, words)
    quote = change.quote
    paid = {"card": card_words(order.card), "amount": words.money(quote.due_minor if quote else 0)}
    added = [
        LineRow(a.title, a.variant_title, words.signed(a.unit_price_minor * a.quantity), "", True)
        for a in (quote.additions if quote else ())
    ]
    return {
        "subject": _("Your order %(number)s is changed") % {"number": order.number},
        "heading": _("Your order is changed"),
        "paragraphs": [_("%(card)s was charged %(amount)s. This is what you added:") % paid],
        "lines": added,
        "totals": page.totals,
        "action_url": url,
        "action_label": _("See my order"),
    }


def change_stopped(order: facts.Order, change: facts.Change, url: str) -> dict[str, Any]:
    reasons = {
        ChangeState.DECLINED: _("Your card was declined, and nothing was charged."),
        ChangeState.EXPIRED: _("The check by your bank ran out of time, and nothing was charged."),
    }
    reason = reasons.get(change.state, _("It could not be done, and nothing was charged."))
    return {
        "subject": _("Your order %(number)s is as it was") % {"number": order.number},
        "heading": _("We could not change your order"),
        "paragraphs": [reason, _("Your order is as it was.")],
        "action_url": url,
        "action_label": _("See my order"),
    }
