"""The API described on a page of our own: read from its OpenAPI, without scripts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from companies.access import person_view
from integration.api.site import api

METHODS = ("get", "post")
EXAMPLE = """{
  "all_or_nothing": true,
  "entries": [
    {"supplier_no": 50001, "invoice_no": "F-1001", "entry_date": "2026-11-02",
     "due_date": "2026-12-02", "amount": "1250.50", "kid": "10000000018"}
  ]
}"""


@require_GET
@person_view
def docs(request: HttpRequest) -> HttpResponse:
    """Every call with its fields and answers."""
    schema = api.get_openapi_schema()
    schemas: dict[str, Any] = schema.get("components", {}).get("schemas", {})
    calls = [
        _call(path, method, operation, schemas)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    context = {
        "calls": calls,
        "schemas": [(name, _fields(schemas, one)) for name, one in sorted(schemas.items()) if "properties" in one],
        "openapi_url": reverse("api:openapi-json"),
        "base": request.build_absolute_uri("/api/v1"),
        "example": EXAMPLE,
    }
    return render(request, "integration/api_docs.html", context)


def _call(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": one["name"],
                "type": _type(one.get("schema", {})),
                "needed": one.get("required", False),
                "text": "",
            }
            for one in operation.get("parameters", [])
        ],
        "body": _type(content.get("schema", {})) if content else "",
        "answers": [(code, _type(_schema_of(answer))) for code, answer in operation.get("responses", {}).items()],
    }


def _schema_of(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _fields(schemas: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    needed = set(one.get("required", ()))
    fields = [
        {"name": name, "type": _type(field), "needed": name in needed, "text": field.get("description", "")}
        for name, field in one["properties"].items()
    ]
    return {"description": one.get("description", ""), "fields": fields}


def _type(schema: dict[str, Any]) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(word for one in schema["anyOf"] if (word := _type(one)) != "null")
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    if "enum" in schema:
        return " | ".join(f"“{one}”" for one in schema["enum"])
    return str(schema.get("format") or schema.get("type", ""))
