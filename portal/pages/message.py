"""Pages that say one thing: a link that is no longer valid, a paused shop, a wrong address, a fault of ours."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class MessagePage:
    title: str
    text: str
    icon: str
    offers_new_link: bool = False


def link_expired() -> MessagePage:
    return MessagePage(
        _("This link is no longer valid"), _("Links work for 21 days. We can mail you a new one."), "clock", True
    )


def shop_suspended() -> MessagePage:
    return MessagePage(
        _("This shop is paused"), _("Orders cannot be seen or changed here at the moment. Your order is safe."), "clock"
    )


def not_found() -> MessagePage:
    return MessagePage(
        _("There is nothing at this address"), _("The link may be cut short or mistyped."), "search", True
    )


def refused() -> MessagePage:
    return MessagePage(
        _("We could not check this form"),
        _("Nothing was changed. Go back, load the page again and send it once more."),
        "alert",
    )


def bad_request() -> MessagePage:
    return MessagePage(_("We could not read this"), _("Nothing was changed. Go back and try again."), "alert")


def server_error() -> MessagePage:
    return MessagePage(
        _("Something broke on our side"),
        _("Your order page shows how things stand. Try again in a few minutes."),
        "alert",
    )


def too_many() -> MessagePage:
    return MessagePage(_("Too many tries"), _("Wait a few minutes, then try again."), "clock")


def check_inbox() -> MessagePage:
    return MessagePage(
        _("Check your inbox"),
        _("If we find an order for what you typed, the link is on its way to that address."),
        "mail",
    )
