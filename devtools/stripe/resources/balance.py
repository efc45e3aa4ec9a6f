from collections import Counter

from devtools.stripe.call import Call
from devtools.stripe.errors import Json
from devtools.stripe.params import EXPAND, read


def retrieve(call: Call) -> Json:
    """Everything captured and not refunded, at once available: there is no payout here."""
    read(call.params, EXPAND)
    totals: Counter[str] = Counter({"usd": 0})
    for charge in call.store.newest_first(call.account, "charge"):
        if charge["captured"]:
            totals[charge["currency"]] += charge["amount"] - charge["amount_refunded"]
    rows = [{"amount": totals[code], "currency": code, "source_types": {"card": totals[code]}} for code in totals]
    pending = [{**row, "amount": 0, "source_types": {"card": 0}} for row in rows]
    return {
        "object": "balance",
        "available": rows,
        "connect_reserved": [{"amount": 0, "currency": code} for code in totals],
        "livemode": False,
        "pending": pending,
    }
