"""Stripe as a rail, and its webhook endpoints. The only place that knows the `stripe` package.

The client never retries by itself: the saga does, with the same key, after it has looked at what happened.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe
import structlog

from payments.errors import RailMisconfigured
from payments.rails.base import AuthoriseRequest, FindRequest, RailResult, RailState

log = structlog.get_logger(__name__)
# Its two lines per call add nothing to the one of ours.
logging.getLogger("stripe").setLevel(logging.WARNING)

CONNECT_SECONDS, READ_SECONDS = 3, 10
FIND_LIMIT = 100
# Keeps one pool of connections per thread.
_HTTP = stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS))
# ISO counts no decimals in these, Stripe's API two that must be 0; three-decimal ones must end in 0.
_TWO_EXTRA_ZEROS = {"ISK", "UGX"}
_STEPS_OF_TEN = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}

_STATES = {
    "requires_confirmation": RailState.PENDING,
    "processing": RailState.PENDING,
    "requires_action": RailState.REQUIRES_ACTION,
    "requires_capture": RailState.REQUIRES_CAPTURE,
    "succeeded": RailState.SUCCEEDED,
    "canceled": RailState.CANCELLED,
}
AUTHENTICATION_REQUIRED = "authentication_required"

Json = dict[str, Any]


def to_stripe_amount(minor: int, currency: str) -> int | None:
    """Stripe's figure for our minor units; None where cards cannot pay it."""
    if currency in _TWO_EXTRA_ZEROS:
        return minor * 100
    if currency in _STEPS_OF_TEN and minor % 10:
        return None
    return minor


def from_stripe_amount(amount: int, currency: str) -> int:
    return amount // 100 if currency in _TWO_EXTRA_ZEROS else amount


def _client(*, api_key: str, api_base: str, account_id: str) -> stripe.StripeClient:
    if not api_key:
        raise RailMisconfigured(reason="there is no Stripe key")
    bases: Any = {"api": api_base} if api_base else {}
    return stripe.StripeClient(
        api_key,
        base_addresses=bases,
        stripe_account=account_id or None,
        max_network_retries=0,
        http_client=_HTTP,
    )


class StripeRail:
    def __init__(self, *, api_key: str, api_base: str = "", account_id: str = "") -> None:
        self._client = _client(api_key=api_key, api_base=api_base, account_id=account_id)

    def authorise(self, request: AuthoriseRequest) -> RailResult:
        amount = to_stripe_amount(request.amount_minor, request.currency)
        if amount is None:
            return RailResult(RailState.DECLINED, code="amount_not_chargeable")
        return _answer(
            lambda: self._client.v1.payment_intents.create(
                params={
                    "amount": amount,
                    "currency": request.currency.lower(),
                    "customer": request.customer,
                    "payment_method": request.payment_method,
                    "allowed_payment_method_types": ["card"],
                    "capture_method": "manual",
                    "confirm": True,
                    "off_session": True,
                    "description": request.description,
                    "metadata": request.metadata,
                },
                options={"idempotency_key": request.idempotency_key},
            ),
            refused=RailState.DECLINED,
        )

    def confirm_on_session(
        self, intent: str, *, payment_method: str, return_url: str, idempotency_key: str
    ) -> RailResult:
        return _answer(
            lambda: self._client.v1.payment_intents.confirm(
                intent,
                params={"payment_method": payment_method, "return_url": return_url},
                options={"idempotency_key": idempotency_key},
            ),
            refused=RailState.DECLINED,
        )

    def capture(self, intent: str, *, idempotency_key: str) -> RailResult:
        return _answer(
            lambda: self._client.v1.payment_intents.capture(intent, options={"idempotency_key": idempotency_key})
        )

    def void(self, intent: str, *, idempotency_key: str) -> RailResult:
        return _answer(
            lambda: self._client.v1.payment_intents.cancel(intent, options={"idempotency_key": idempotency_key})
        )

    def fetch(self, intent: str) -> RailResult:
        return _answer(lambda: self._client.v1.payment_intents.retrieve(intent))

    def find(self, request: FindRequest) -> RailResult:
        """By listing, not by Stripe's search: search lags up to a minute behind, lists do not."""

        def look() -> stripe.PaymentIntent | None:
            page = self._client.v1.payment_intents.list(
                params={
                    "customer": request.customer,
                    "created": {"gte": request.created_after},
                    "limit": FIND_LIMIT,
                }
            )
            for intent in page.auto_paging_iter():
                if request.metadata.items() <= (intent.to_dict().get("metadata") or {}).items():
                    return intent
            return None

        return _answer(look)


def _answer(call: Callable[[], stripe.PaymentIntent | None], *, refused: RailState = RailState.UNKNOWN) -> RailResult:
    """Make the call and name what came of it. `refused`: what a 400 means for the money."""
    started = time.monotonic()
    try:
        intent = call()
        result = RailResult(RailState.MISSING) if intent is None else result_of(intent.to_dict())
    except stripe.CardError as error:
        result = _of_card_error(error)
    except stripe.InvalidRequestError as error:
        result = _of_refusal(error, refused)
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("stripe_refuses_us", http_status=error.http_status, code=error.code, request_id=error.request_id)
        raise RailMisconfigured(reason="Stripe does not accept our key or account") from error
    except stripe.RateLimitError as error:
        result = RailResult(RailState.UNAVAILABLE, code=error.code or "rate_limit", request_id=error.request_id or "")
    except stripe.APIConnectionError as error:
        state = RailState.UNAVAILABLE if _never_connected(error.__cause__) else RailState.UNKNOWN
        result = RailResult(state, code="connection_error")
    except stripe.StripeError as error:  # 5xx, a key in use, a body that is not JSON
        result = RailResult(
            RailState.UNKNOWN,
            code=error.code or f"http_{error.http_status}",
            request_id=error.request_id or "",
            is_replay=_is_replay(error) or isinstance(error, stripe.IdempotencyError),
        )
    log.info(
        "stripe_call",
        state=result.state.value,
        intent=result.intent,
        code=result.code,
        request_id=result.request_id,
        milliseconds=round((time.monotonic() - started) * 1000),
    )
    return result


def _never_connected(cause: BaseException | None) -> bool:
    """Whether no connection came about, so that nothing was done. By name, as the HTTP library is Stripe's choice."""
    if type(cause).__name__ == "ConnectTimeout":
        return True
    reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


def _is_replay(error: stripe.StripeError) -> bool:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return headers.get("idempotent-replayed") == "true"


def _said(error: stripe.StripeError) -> Json:
    """The error object as it came. Fields that do not apply are missing in it."""
    body = error.json_body
    said = body.get("error") if isinstance(body, dict) else None
    return said if isinstance(said, dict) else {}


def _of_card_error(error: stripe.CardError) -> RailResult:
    """402. The intent travels along and says all of it; authentication needed is no decline."""
    said = _said(error)
    if intent := said.get("payment_intent"):
        return result_of(intent, code=error.code or "", request_id=error.request_id or "")
    return RailResult(
        RailState.DECLINED,
        code=error.code or "card_declined",
        decline_code=said.get("decline_code") or "",
        request_id=error.request_id or "",
    )


def _of_refusal(error: stripe.InvalidRequestError, refused: RailState) -> RailResult:
    """400 and 404. An intent in a wrong state travels along in the error, and is the truth."""
    intent = _said(error).get("payment_intent")
    if intent and error.code == "payment_intent_unexpected_state":
        return result_of(intent)
    code = error.code or "request_refused"
    request_id = error.request_id or ""
    if code == "lock_timeout":
        return RailResult(RailState.UNAVAILABLE, code=code, request_id=request_id)
    if code == "resource_missing" and error.param == "intent":
        return RailResult(RailState.MISSING, code=code, request_id=request_id)
    log.error("stripe_refuses_request", code=code, param=error.param, request_id=request_id, reason=error.user_message)
    return RailResult(refused, code=code, request_id=request_id)


def result_of(intent: Json, *, code: str = "", request_id: str = "") -> RailResult:
    """An intent as Stripe shows it. Refused off session for want of authentication, it waits for the shopper."""
    currency = intent["currency"].upper()
    last = intent.get("last_payment_error") or {}
    code = code or last.get("code") or ""
    decline_code = last.get("decline_code") or ""
    state = _STATES.get(intent["status"])
    if state is None:  # requires_payment_method
        state = RailState.DECLINED if last else RailState.PENDING
        if AUTHENTICATION_REQUIRED in (code, decline_code):
            state = RailState.REQUIRES_ACTION
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    return RailResult(
        state,
        intent=intent["id"],
        amount_minor=from_stripe_amount(intent["amount"], currency),
        currency=currency,
        captured_minor=from_stripe_amount(intent.get("amount_received") or 0, currency),
        next_url=redirect.get("url") or "",
        code=code if state in (RailState.DECLINED, RailState.REQUIRES_ACTION) else "",
        decline_code=decline_code if state is RailState.DECLINED else "",
        provider_status=intent["status"],
        request_id=request_id,
    )


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    id: str
    secret: str


class WebhookEndpoints:
    """Where Stripe sends an account's events."""

    def __init__(self, *, api_key: str, api_base: str = "", account_id: str = "") -> None:
        self._client = _client(api_key=api_key, api_base=api_base, account_id=account_id)

    def create(self, url: str, *, merchant_id: int) -> WebhookEndpoint:
        try:
            endpoint = self._client.v1.webhook_endpoints.create(
                params={
                    "url": url,
                    "enabled_events": [
                        "payment_intent.amount_capturable_updated",
                        "payment_intent.canceled",
                        "payment_intent.payment_failed",
                        "payment_intent.processing",
                        "payment_intent.requires_action",
                        "payment_intent.succeeded",
                    ],
                    "metadata": {"merchant": str(merchant_id)},
                }
            )
        except stripe.StripeError as error:
            raise RailMisconfigured(reason="Stripe did not register the webhook endpoint") from error
        return WebhookEndpoint(endpoint.id, endpoint.secret or "")

    def exists(self, endpoint_id: str) -> bool:
        try:
            return self._client.v1.webhook_endpoints.retrieve(endpoint_id).status == "enabled"
        except stripe.InvalidRequestError:
            return False
        except stripe.StripeError as error:
            raise RailMisconfigured(reason="Stripe does not answer") from error

    def remove(self, endpoint_id: str) -> None:
        try:
            self._client.v1.webhook_endpoints.delete(endpoint_id)
        except stripe.StripeError as error:
            # It goes on sending events that are verified, stored and found unchanged: untidy, not wrong.
            log.warning("stripe_endpoint_left", endpoint=endpoint_id, code=error.code)
