"""The bank's page: where a shopper approves or fails a payment. Plain HTML, no script."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from devtools.stripe.call import Call
from devtools.stripe.engine import Answer, Engine, Request
from devtools.stripe.errors import Json
from devtools.stripe.resources import payment_attempts, setup_intents

_NO_DECIMALS = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
_THREE_DECIMALS = frozenset(("bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"))
_STYLE = """
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 26rem; padding: 2rem 1rem }
h1 { font-size: 1.5rem; margin: 0 0 1rem }
.amount { font-size: 2rem; font-weight: 700; margin: 0 }
.note { font-size: 1rem }
button, a.button { box-sizing: border-box; display: block; width: 100%; min-height: 3.5rem; margin: 1rem 0;
  padding: .75rem; border: 2px solid #14532d; border-radius: .5rem; font: inherit; font-weight: 600; text-align: center;
  text-decoration: none; cursor: pointer }
button.approve, a.button { background: #166534; color: #fff }
button.fail { background: #fff; color: #991b1b; border-color: #991b1b }
:focus-visible { outline: 4px solid #2563eb; outline-offset: 3px }
"""


def bank(engine: Engine, request: Request) -> Answer:
    query = dict(parse_qsl(request.url.query))
    identifier = request.url.path.removeprefix("/_bank/")
    kind = "setup_intent" if identifier.startswith("seti_") else "payment_intent"
    call = Call(engine.store, engine.faults, query.get("account", ""), {}, request.base_url)
    with engine.store.transaction():
        intent = engine.store.find(call.account, kind, identifier)
        if intent is None or intent["client_secret"] != query.get("client_secret") or not intent.get("_return_url"):
            return _page(404, "Page not found", "<p>This bank page does not exist.</p>")
        if request.method == "POST":
            decision = dict(parse_qsl(request.body.decode("utf-8", "replace"))).get("decision")
            if intent["status"] == "requires_action" and decision in ("approve", "fail"):
                _decide(call, kind, intent, approved=decision == "approve")
            return Answer(303, "", {"Location": _way_back(kind, intent)})
    if intent["status"] != "requires_action":
        back = escape(_way_back(kind, intent), quote=True)
        body = f'<p>Nothing is left to confirm here.</p><a class="button" href="{back}">Back to the shop</a>'
        return _page(200, "Already answered", body)
    return _page(200, "Confirm with your bank", _question(kind, intent))


def _question(kind: str, intent: Json) -> str:
    if kind == "payment_intent":
        shown = escape(_money(intent["amount"], intent["currency"]))
        ask = f'<p>A shop asks for</p><p class="amount">{shown}</p>'
    else:
        ask = "<p>A shop asks to save your card for later.</p>"
    return (
        f"{ask}<p>Was that you?</p>"
        '<form method="post">'
        '<button class="approve" name="decision" value="approve">Approve</button>'
        '<button class="fail" name="decision" value="fail">Fail</button>'
        '</form><p class="note">Test bank. No money moves.</p>'
    )


def _decide(call: Call, kind: str, intent: Json, *, approved: bool) -> None:
    method = call.get("payment_method", intent["payment_method"])
    if kind == "payment_intent" and approved:
        payment_attempts.settle(call, intent, method, authenticated=True)
    elif kind == "payment_intent":
        payment_attempts.fail_authentication(call, intent, method)
    elif approved:
        setup_intents.finish(call, intent, method)
    else:
        setup_intents.fail(call, intent, method)


def _way_back(kind: str, intent: Json) -> str:
    results = {"succeeded": "succeeded", "requires_capture": "succeeded", "requires_action": "pending"}
    parts = urlsplit(intent["_return_url"])
    added = {
        kind: intent["id"],
        f"{kind}_client_secret": intent["client_secret"],
        "redirect_status": results.get(intent["status"], "failed"),
    }
    query = [*parse_qsl(parts.query, keep_blank_values=True), *added.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _money(minor: int, code: str) -> str:
    places = 0 if code in _NO_DECIMALS else 3 if code in _THREE_DECIMALS else 2
    whole, part = divmod(minor, 10**places)
    return f"{whole:,}.{part:0{places}d} {code.upper()}" if places else f"{whole:,} {code.upper()}"


def _page(status: int, title: str, body: str) -> Answer:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Test bank</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return Answer(status, html, headers, content_type="text/html; charset=utf-8")
