"""Reads and decodes a request's body, within bounds of size and structure."""

import json
import re
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from mfa_tui.protocol import codec, models
from mfa_tui.server.refusal import RefusalError, bad_request

MAX_BODY_BYTES = 64 * 1024
"""The API's own bodies are smaller than 5 KiB."""


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The character NUL in JSON, where it occurs only escaped."""


class InvalidBodyError(Exception):
    """A body is JSON, but not as documented. The message names a field, never a value."""


_RequestT = TypeVar("_RequestT", bound=models.Request)


async def receive(request: Request) -> bytes:
    """Return a request's body.

    Raises:
        RefusalError: It is too large.
        starlette.requests.ClientDisconnect: The client disconnected.
    """
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY_BYTES:
            raise RefusalError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 64 KiB.", headers={"connection": "close"}
            )
    return bytes(received)


def decode(raw: bytes, request_type: type[_RequestT]) -> _RequestT:
    """Decode a body.

    Raises:
        InvalidBodyError: It is JSON, but not of this type.
        RefusalError: It is not JSON.
    """
    if _NUL.search(raw):  # no text of the API has it, and PostgreSQL stores none that does
        msg = "A string in the body has the character NUL."
        raise InvalidBodyError(msg)
    try:
        _reject_duplicate_names(raw)
        return codec.decode(raw, request_type)
    except msgspec.ValidationError as error:
        raise InvalidBodyError(_without_values(str(error))) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise bad_request("The body is not a JSON object with unique names.") from None


def _reject_duplicate_names(raw: bytes) -> None:
    """Reject an object in which a name occurs twice: parsers differ in which value they take (RFC 8259 section 4)."""
    json.loads(raw.decode(), object_pairs_hook=_check_unique_names)


def _check_unique_names(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        msg = "duplicate name"
        raise ValueError(msg)


def _without_values(message: str) -> str:
    if "matching regex" in message:  # the pattern would not help a user
        is_address = message.endswith(" - at `$.email`")
        return "That is not an e-mail address." if is_address else "A string in the body has the wrong format."
    # These messages of msgspec contain only names and types of the API; others can contain a value that was sent.
    if message.startswith(("Expected ", "Object missing ", "expected a string")):
        return f"{message.replace('`', '')}."
    return "The body has a field or a value that is not documented."
