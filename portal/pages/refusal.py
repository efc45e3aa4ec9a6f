"""What a shopper reads when a step was refused: the fact, and what did not happen."""

from django.utils.translation import gettext as _

from core.errors import DomainError
from portal.pages.shop import Notice


def refusal(error: DomainError, *, limit: str = "") -> Notice:
    """The notice for an error's code; `limit` is the shop's limit for links, as people write it."""
    match error.code:
        case "quote_expired" | "quote_stale":
            return Notice(
                _("The price changed while you looked"),
                _("Nothing was charged. Check the new total and confirm again."),
                "warn",
            )
        case "charge_limit_exceeded":
            text = _("With this link you can add up to %(limit)s per order. For more, write to us.") % {"limit": limit}
            return Notice(_("This is more than the link may charge"), text, "bad")
        case "sold_out":
            return Notice(_("There is not enough of this item left"), _("Your order is as it was."), "bad")
        case "not_for_sale" | "currency_not_offered":
            return Notice(_("This item cannot be added any more"), _("Your order is as it was."), "bad")
        case "edit_under_way":
            return Notice(_("Another change is still being made"), _("Wait until it is done, then try again."), "warn")
        case "window_closed" | "order_cancelled":
            return Notice(_("Changes have closed"), _("Nothing was charged, and your order is as it was."), "warn")
        case "edit_finished" | "edit_empty" | "commit_key_reused":
            return Notice(_("Changed in another window"), _("Here is the latest. Nothing was charged twice."), "warn")
        case _:
            return Notice(_("This could not be done"), _("Nothing was charged, and your order is as it was."), "bad")


def no_longer_sold(titles: list[str]) -> Notice:
    text = _("We took it out of your change: %(items)s") % {"items": ", ".join(titles)}
    return Notice(_("Something is no longer for sale"), text, "warn")
