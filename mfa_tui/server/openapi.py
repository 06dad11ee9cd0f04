"""The OpenAPI 3.1 document, derived from the table of operations and the protocol's models."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from mfa_tui import __version__
from mfa_tui.protocol import models
from mfa_tui.protocol.service import ErrorBody
from mfa_tui.redaction import Secret
from mfa_tui.server.operations import OPERATIONS, PREFIX, Access, Operation

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

QUERY = {
    "sdkVersion": {"type": "string"},
    "count": {"type": "integer", "minimum": 1, "maximum": 10},
    "verifiedOnly": {"type": "boolean"},
    "filter[field]": {"enum": ["username", "email"]},
    "filter[value]": {"type": "string", "minLength": 1},
    "relatedOriginRpId": {"type": "string"},
    "handoffId": {"type": "string"},
}
"""The query parameters; any others are ignored."""


@cache
def document() -> bytes:
    """Return the document as JSON."""
    kinds = [
        kind
        for operation in OPERATIONS
        for kind in (operation.request_type, operation.response_type)
        if kind is not None
    ]
    _, components = msgspec.json.schema_components(
        [*kinds, ErrorBody], schema_hook=_secret_schema, ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _describe(operation)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "mfa-tui: the built-in MFA service", "version": __version__},
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            },
        }
    )


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{operation.handler.__module__.rpartition('.')[2]}.{operation.handler.__name__}",
        "summary": (operation.handler.__doc__ or "").partition(": ")[2].partition("\n")[0],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.access is not Access.PUBLIC:
        described["security"] = [{"bearer": []}]
    if operation.request_type is not None:
        described["requestBody"] = {"required": operation.body_required, "content": _content(operation.request_type)}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": _UUID}}
        for name in re.findall(r"{(\w+)}", PREFIX + operation.path)
    ]
    in_query = [{"name": name, "in": "query", "schema": QUERY[name]} for name in operation.query]
    return in_path + in_query


def _responses(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Success."}
    if operation.response_type is not None:
        success["content"] = _content(operation.response_type)
    refused = {
        "description": "Refused. `code`, if present, is the reason.",
        "content": _content(ErrorBody),
    }
    statuses = {HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, *operation.refusals}
    if operation.access is not Access.PUBLIC:
        statuses |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    if operation.query:
        statuses |= {HTTPStatus.BAD_REQUEST}
    if operation.request_type is not None:
        statuses |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
    if "{" in operation.path:
        statuses |= {HTTPStatus.UNPROCESSABLE_ENTITY}
    return {str(int(operation.status)): success, **{str(int(status)): refused for status in sorted(statuses)}}


def _content(kind: type[models.Message]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


def _secret_schema(kind: type) -> dict[str, Any]:
    if kind is not Secret:
        raise NotImplementedError
    return {"type": "string"}
