"""What each role may do at its merchant. This table alone decides: the admin asks `may` for every page and button.

owner     everything, also team and API keys
manager   the shop's settings, catalogue and orders, not who else may come in
support   orders and shoppers: looks things up, moves windows, hands out links; changes no settings
analyst   orders and numbers without shoppers' personal data
"""

OWNER = frozenset({"owner"})
LEADS = frozenset({"owner", "manager"})
DESK = frozenset({"owner", "manager", "support"})
ALL = frozenset({"owner", "manager", "support", "analyst"})

TABLE: dict[str, dict[str, frozenset[str]]] = {
    # page                        action and who may
    "orders.Order": {"view": ALL, "window": DESK, "portal_link": DESK, "export": ALL},
    "orders.Customer": {"view": DESK, "suppress": DESK, "export": LEADS, "erase": LEADS},
    "orders.Product": {"view": ALL, "change": LEADS, "export": ALL},
    "orders.Variant": {"view": ALL, "change": LEADS},
    "editing.EditSession": {"view": ALL, "resume": LEADS},
    "payments.PaymentIntentRecord": {"view": DESK},
    "giftcards.OpeningBalance": {"view": LEADS},
    "messaging.Message": {"view": DESK, "retry": DESK},
    "metrics.MetricDay": {"view": ALL},
    "connectors.ImportRun": {"view": LEADS, "add": LEADS, "start": LEADS},
    "connectors.ImportProfile": {"view": LEADS, "add": LEADS, "change": LEADS},
    "merchants.Merchant": {"view": ALL, "change": LEADS},
    "merchants.Membership": {"view": LEADS, "add": OWNER, "change": OWNER},
    "merchants.ApiKey": {"view": LEADS, "add": OWNER, "revoke": OWNER},
    "merchants.AuditEntry": {"view": LEADS},
    "core.OutboxEvent": {"view": LEADS, "replay": LEADS},
    "core.InboundWebhook": {"view": LEADS, "replay": LEADS},
}


def may(role: str | None, model_label: str, action: str) -> bool:
    """Whether `role` may do `action` on rows of this model. What the table does not name, nobody may."""
    return role is not None and role in TABLE.get(model_label, {}).get(action, frozenset())
