"""The OpenAPI 3.1 document, built from the table of calls and the structs of `wire`."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from mfa_tui import __version__
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.server.operations import OPERATIONS, PREFIX, Access, Operation

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

QUERY = {
    "sdkVersion": {"type": "string"},
    "count": {"type": "integer", "minimum": 1, "maximum": 10},
    "verifiedOnly": {"type": "boolean"},
}
"""What may stand in a query; the rest of one is not read."""


@cache
def document() -> bytes:
    """Return the document as JSON."""
    kinds = [kind for call in OPERATIONS for kind in (call.takes, call.gives) if kind is not None]
    _, components = msgspec.json.schema_components(
        [*kinds, models.ErrorBody], schema_hook=_secret, ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for call in OPERATIONS:
        paths.setdefault(PREFIX + call.path, {})[call.method.lower()] = _operation(call)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "mfa-tui: the embedded MFA service", "version": __version__},
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            },
        }
    )


def _operation(call: Operation) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{call.answer.__module__.rpartition('.')[2]}.{call.answer.__name__}",
        "summary": (call.answer.__doc__ or "").partition(": ")[2].partition("\n")[0],
        "parameters": _parameters(call),
        "responses": _responses(call),
    }
    if call.access is not Access.ANYONE:
        operation["security"] = [{"bearer": []}]
    if call.takes is not None:
        operation["requestBody"] = {"required": call.body_required, "content": _content(call.takes)}
    return operation


def _parameters(call: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": _UUID}}
        for name in re.findall(r"{(\w+)}", PREFIX + call.path)
    ]
    in_query = [{"name": name, "in": "query", "schema": QUERY[name]} for name in call.query]
    return in_path + in_query


def _responses(call: Operation) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done."}
    if call.gives is not None:
        done["content"] = _content(call.gives)
    refused = {
        "description": "Refused: `code`, if present, says why.",
        "content": _content(models.ErrorBody),
    }
    statuses = {HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    if call.access is not Access.ANYONE:
        statuses |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    if call.query:
        statuses |= {HTTPStatus.BAD_REQUEST}
    if call.takes is not None:
        statuses |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
    if "{" in call.path:
        statuses |= {HTTPStatus.UNPROCESSABLE_ENTITY}
    return {str(int(call.status)): done, **{str(int(status)): refused for status in sorted(statuses)}}


def _content(kind: type[models.Message]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


def _secret(kind: type) -> dict[str, Any]:
    if kind is not Secret:
        raise NotImplementedError
    return {"type": "string"}
