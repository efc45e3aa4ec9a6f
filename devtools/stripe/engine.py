"""A request from authentication to answer. Transport is elsewhere (server.py)."""

import base64
import binascii
import re
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import SplitResult

from devtools.stripe import forms
from devtools.stripe.call import Call, dumps
from devtools.stripe.errors import ApiError, Json
from devtools.stripe.faults import Fault, Faults
from devtools.stripe.idempotency import IdempotencyKeys, Saved
from devtools.stripe.ids import new_id
from devtools.stripe.rendering import render
from devtools.stripe.routes import dispatch
from devtools.stripe.store import Store

_ACCOUNT = re.compile(r"\Aacct_[A-Za-z0-9_]{1,64}\Z")
_KEY = re.compile(r"\A[sr]k_test_[A-Za-z0-9_]+\Z")


@dataclass
class Request:
    """Header names are lower case."""

    method: str
    url: SplitResult
    headers: Mapping[str, str]
    body: bytes
    base_url: str


@dataclass
class Answer:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    hang_ms: int | None = None
    content_type: str = "application/json"


class Engine:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.faults = Faults(store)
        self.stopping = threading.Event()
        self._keys = IdempotencyKeys(store)

    def answer(self, request: Request) -> Answer:
        request_id = new_id("req")
        headers = {"Request-Id": request_id, "Stripe-Version": request.headers.get("stripe-version", "")}
        try:
            _authenticate(request.headers.get("authorization", ""))
            account = _account(request.headers.get("stripe-account", ""))
            answer = self._run(request, account, request_id)
        except ApiError as error:
            answer = Answer(error.status, dumps(error.body()))
        answer.headers = {**headers, **answer.headers}
        return answer

    def _run(self, request: Request, account: str, request_id: str) -> Answer:
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        params = _params(request)
        with ExitStack() as stack:
            if key:
                stack.enter_context(self._keys.claim(account, key))
            saved = self._keys.find(account, key, request.url.path, params) if key else None
            hits = self.faults.strike_request(request.method, request.url.path, is_replay=saved is not None)
            struck = {fault.kind: fault for fault in hits}
            if slow := struck.get("slow"):
                self.stopping.wait(slow.delay_ms / 1000)
            if saved is not None and "error_before_apply" in struck:
                answer = _broken(struck["error_before_apply"])
            elif saved is not None:
                answer = _replay(saved)
            else:
                call = Call(self.store, self.faults, account, params, request.base_url, request_id, key or None)
                answer = self._apply(request, call, struck)
        if key:
            answer.headers["Idempotency-Key"] = key
        if late := struck.get("timeout_after_apply"):
            answer.hang_ms = late.delay_ms
        return answer

    def _apply(self, request: Request, call: Call, struck: Mapping[str, Fault]) -> Answer:
        """Apply the request and keep its answer, all in one transaction."""
        if fault := struck.get("error_before_apply"):
            broken = _broken(fault)
            if fault.stored:
                self._keep(request, call, broken)
            return broken
        try:
            with self.store.transaction():
                answer, is_kept, error = self._execute(request, call)
                if error is not None and not error.keeps_changes:
                    raise error
                if fault := struck.get("error_after_apply"):
                    answer = _broken(fault)
                    is_kept = fault.stored
                if is_kept:
                    self._keep(request, call, answer)
        except ApiError as error:
            answer = Answer(error.status, dumps(error.body()))
            if error.is_stored:
                self._keep(request, call, answer)
        return answer

    def _execute(self, request: Request, call: Call) -> tuple[Answer, bool, ApiError | None]:
        try:
            body = dispatch(call, request.method, request.url.path)
            expand = call.params.get("expand") or []
            return Answer(200, dumps(render(self.store, call.account, body, expand))), True, None
        except ApiError as error:
            return Answer(error.status, dumps(error.body())), error.is_stored, error

    def _keep(self, request: Request, call: Call, answer: Answer) -> None:
        if call.idempotency_key is not None and call.request_id is not None:
            saved = Saved(answer.status, answer.body, call.request_id)
            self._keys.keep(call.account, call.idempotency_key, request.url.path, call.params, saved)


def _params(request: Request) -> Json:
    if request.method in ("GET", "DELETE"):
        return forms.decode(request.url.query)
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded").split(";")[0].strip()
    if request.body and kind != "application/x-www-form-urlencoded":
        raise ApiError(400, f"Invalid request content type: {kind}. Use application/x-www-form-urlencoded.")
    try:
        return forms.decode(request.body.decode())
    except UnicodeDecodeError:
        raise ApiError(400, "Invalid request body: not UTF-8.") from None


def _authenticate(header: str) -> None:
    scheme, _, credentials = header.partition(" ")
    key = credentials.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().split(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if not key:
        raise ApiError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    if not _KEY.match(key):
        # Also a guard: a live key must never be sent to this server.
        raise ApiError(401, f"Invalid API Key provided: {key[:8]}****. This server takes sk_test_ keys only.")


def _account(header: str) -> str:
    if header and not _ACCOUNT.match(header):
        raise ApiError(
            403,
            f"The provided key does not have access to account '{header}' (or that account does not exist).",
            code="account_invalid",
        )
    return header


def _replay(saved: Saved) -> Answer:
    return Answer(saved.status, saved.body, {"Idempotent-Replayed": "true", "Original-Request": saved.request_id})


def _broken(fault: Fault) -> Answer:
    error = ApiError(
        fault.status,
        "An unknown error occurred. If the problem persists, let us know at https://support.stripe.com/.",
        kind="api_error",
    )
    return Answer(fault.status, dumps(error.body()))
