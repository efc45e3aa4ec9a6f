"""The OpenAPI description: what every operation has in common is said here once."""

from functools import lru_cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from core.api.idempotency import HEADER
from core.api.problems import CONTENT_TYPE

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `errors` maps field paths like `lines.0.quantity` to messages.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "example": "invalid"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}

_EVERYWHERE = {
    "400": "Malformed: syntax, or a missing Idempotency-Key.",
    "401": "No live key.",
    "403": "The key's scopes are too small.",
    "405": "This address does not take that method.",
    "406": "Accept asks for a type that this address does not serve.",
    "422": "Well-formed but refused; `errors` says which field or parameter.",
    "429": "Too many requests with this key; see Retry-After.",
    "500": "A fault of ours.",
    "503": "Something that this needs does not answer; see Retry-After.",
}
_WITH_PATH = {"404": "Nothing at this address for this merchant."}
_WITH_BODY = {"413": "The body is too large.", "415": "The body is not application/json."}
_WITH_CHANGE = {"409": "The state forbids it, or the same key is in flight."}


class ProblemSchema(AutoSchema):
    """Adds to each operation its problems, its scope, and the Idempotency-Key where one is needed."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        resolved: Any = ResolvedComponent  # untyped
        component = resolved(name="Problem", type=ResolvedComponent.SCHEMA, schema=_PROBLEM, object="Problem")
        self.registry.register_on_missing(component)
        for status, description in self._problems().items():
            operation["responses"].setdefault(
                status, {"description": description, "content": {CONTENT_TYPE: {"schema": component.ref}}}
            )
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def _problems(self) -> dict[str, str]:
        found = dict(_EVERYWHERE)
        if "{" in self.path:
            found |= _WITH_PATH
        if self.method in {"POST", "PUT", "PATCH"}:
            found |= _WITH_BODY
        if self._is_idempotent():
            found |= _WITH_CHANGE
        return found

    def _is_idempotent(self) -> bool:
        return getattr(getattr(self.view, self.method.lower()), "is_idempotent", False)

    def get_description(self) -> str:  # type: ignore[override]
        scope = getattr(self.view, "required_scopes", {}).get(self.method)
        needs = f"Needs the scope `{scope}`." if scope else ""
        return f"{super().get_description()}\n\n{needs}".strip()

    def get_override_parameters(self) -> Any:
        parameters = list(super().get_override_parameters())
        if self._is_idempotent():
            parameters.append(
                OpenApiParameter(
                    HEADER,
                    type={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                    location=OpenApiParameter.HEADER,
                    required=True,
                    description="New for each operation; the same key with the same body gets the first answer.",
                )
            )
        return parameters


class BearerKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "core.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API key: Authorization: Bearer sk_…"}


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    """The description as data. It depends on the code alone, so it is made once per process."""
    generator: Any = SchemaGenerator  # untyped
    schema: dict[str, Any] = generator().get_schema(request=None, public=True)
    return schema
