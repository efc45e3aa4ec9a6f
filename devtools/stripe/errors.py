"""Errors as Stripe words them."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """Any answer that is not 2xx.

    `keeps_changes` tells whether the request took effect all the same: a declined card leaves a failed charge behind.
    `is_stored` tells whether the answer belongs to the idempotency key: only once the endpoint began to execute.
    """

    keeps_changes = False
    is_stored = False

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param
        self.extra = extra or {}

    def body(self) -> Json:
        error: Json = {"message": self.message, "type": self.kind}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = doc_url(self.code)
        if self.param is not None:
            error["param"] = self.param
        error.update(self.extra)
        return {"error": dict(sorted(error.items()))}


class InvalidError(ApiError):
    """A parameter that does not fit. Nothing happened and the idempotency key stays free."""

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(400, message, code=code, param=param)


class MissingError(ApiError):
    def __init__(self, kind: str, identifier: str, *, param: str = "id", status: int = 404) -> None:
        super().__init__(status, f"No such {kind}: '{identifier}'", code="resource_missing", param=param)


class RefusedError(ApiError):
    """The endpoint ran and said no: the object is in the wrong state or the amount is too high."""

    is_stored = True

    def __init__(
        self, message: str, *, code: str | None = None, param: str | None = None, extra: Json | None = None
    ) -> None:
        super().__init__(400, message, code=code, param=param, extra=extra)


class CardError(ApiError):
    """HTTP 402: the bank said no."""

    keeps_changes = True
    is_stored = True

    def __init__(self, message: str, *, code: str, param: str | None = None, extra: Json | None = None) -> None:
        super().__init__(402, message, kind="card_error", code=code, param=param, extra=extra)


def doc_url(code: str) -> str:
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"


def unknown_parameter(name: str) -> InvalidError:
    return InvalidError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> InvalidError:
    return InvalidError(f"Missing required param: {name}.", code="parameter_missing", param=name)
