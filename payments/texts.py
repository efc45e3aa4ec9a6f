"""What shoppers read when a card is refused. Short, active, and it says that nothing was charged."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.rules import DeclineReason

DECLINE_MESSAGES: dict[DeclineReason, Promise] = {
    DeclineReason.REFUSED: _("Your card was declined, and nothing was charged."),
    DeclineReason.FUNDS: _("Your bank says this card has too little money. Nothing was charged."),
    DeclineReason.EXPIRED: _("This card has expired. Nothing was charged."),
    DeclineReason.LIMIT: _("This card has reached a limit of your bank. Nothing was charged."),
    DeclineReason.CARD_GONE: _("The saved card can no longer be charged. Nothing was charged."),
    DeclineReason.UNSUPPORTED: _("This card cannot pay for this. Nothing was charged."),
    DeclineReason.TRY_LATER: _("Your bank did not answer. Nothing was charged. Try again in a few minutes."),
    DeclineReason.NOT_CONFIRMED: _("Your bank could not confirm that it was you. Nothing was charged."),
    DeclineReason.OURS: _("Something broke on our side. Nothing was charged."),
}


def decline_message(reason: DeclineReason) -> str:
    return str(DECLINE_MESSAGES[reason])
