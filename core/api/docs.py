"""The docs page: the OpenAPI description as a page of our own. No scripts, nothing from elsewhere."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core.api.errors_list import listed_errors
from core.api.schema import openapi

_METHODS = ("get", "post", "put", "patch", "delete")


@require_safe
def docs_page(request: HttpRequest) -> HttpResponse:
    schema = openapi()
    context = {
        "info": schema["info"],
        "groups": operation_groups(schema),
        "errors": listed_errors(),
        "base_url": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "core/api_docs.html", context)


@require_safe
def schema_json(request: HttpRequest) -> HttpResponse:
    return HttpResponse(json.dumps(openapi()), content_type="application/vnd.oai.openapi+json")


def operation_groups(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Operations under their tags, in the order of the description."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = methods[method]
                tag = operation.get("tags", ["Other"])[0]
                groups.setdefault(tag, []).append(_operation(schema, path, method, operation))
    return [{"name": name, "operations": operations} for name, operations in groups.items()]


def _operation(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    request_schema, example = _request_body(schema, operation)
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "paragraphs": [_with_code(part) for part in operation.get("description", "").split("\n\n")],
        "parameters": [
            {
                "name": parameter["name"],
                "where": parameter["in"],
                "required": parameter.get("required", False),
                "type": _type_name(parameter["schema"]),
                "description": _with_code(parameter.get("description", "")),
            }
            for parameter in operation.get("parameters", [])
        ],
        "fields": fields_of(schema, request_schema),
        "example": json.dumps(example, indent=2, ensure_ascii=False) if example is not None else "",
        "needs_key": any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", [])),
        "result_fields": fields_of(schema, _result_schema(operation)),
        "responses": [
            {"status": status, "description": _with_code(response.get("description", "") or "The result.")}
            for status, response in operation["responses"].items()
        ],
    }


def _request_body(schema: dict[str, Any], operation: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = list(content.get("examples", {}).values())
    return content.get("schema", {}), examples[0]["value"] if examples else None


def _result_schema(operation: dict[str, Any]) -> dict[str, Any]:
    for status in ("200", "201"):
        content = operation["responses"].get(status, {}).get("content", {})
        if "application/json" in content:
            found: dict[str, Any] = content["application/json"].get("schema", {})
            return found
    return {}


def fields_of(schema: dict[str, Any], part: dict[str, Any], prefix: str = "", depth: int = 0) -> list[dict[str, Any]]:
    """The fields of an object with nested ones as `lines[].quantity`, in the order of the description."""
    resolved = _resolve(schema, part)
    required = resolved.get("required", [])
    rows = []
    for name, field in resolved.get("properties", {}).items():
        inner = _resolve(schema, field)
        rows.append(
            {
                "name": f"{prefix}{name}",
                "type": _type_name(inner),
                "required": name in required,
                "nullable": inner.get("nullable", False) or field.get("nullable", False),
                "description": _with_code(field.get("description", "") or inner.get("description", "")),
            }
        )
        nested, mark = (inner.get("items", {}), "[].") if inner.get("type") == "array" else (inner, ".")
        if depth < 2 and "properties" in _resolve(schema, nested):
            rows += fields_of(schema, nested, f"{prefix}{name}{mark}", depth + 1)
    return rows


def _resolve(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    for key in ("allOf", "oneOf", "anyOf"):
        if key in part:
            return _resolve(schema, part[key][0])
    if "$ref" not in part:
        return part
    found: dict[str, Any] = schema
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def _with_code(text: str) -> SafeString:
    """Escaped text in which `this` is code."""
    parts = enumerate(text.split("`"))
    return format_html_join("", "{}", ((format_html("<code>{}</code>", part) if i % 2 else part,) for i, part in parts))


def _type_name(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " | ".join(str(value) for value in part["enum"])
    kind = str(part.get("type", "object"))
    return f"{kind} ({part['format']})" if "format" in part else kind
