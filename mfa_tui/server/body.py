"""What a request carries, read with bounds: how large, how long, and of which shape."""

import asyncio
import json
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from mfa_tui.protocol import codec, models
from mfa_tui.server.refusal import RefusalError, malformed

MAX_BODY_BYTES = 64 * 1024
"""Bytes of a body; the wire's own are under 5 KiB."""

SLOWEST_SECONDS = 10.0
"""How long a body may take to arrive."""


class InvalidBodyError(Exception):
    """A body is JSON, but not as documented. The text names a place, never a value."""


_Shape = TypeVar("_Shape", bound=models.Request)


async def receive(request: Request) -> bytes:
    """Return a request's body.

    Raises:
        RefusalError: It is too large, or comes too slowly.
        starlette.requests.ClientDisconnect: The client hung up.
    """
    try:
        async with asyncio.timeout(SLOWEST_SECONDS):
            received = bytearray()
            async for chunk in request.stream():
                received += chunk
                if len(received) > MAX_BODY_BYTES:
                    raise RefusalError(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                        "The body is larger than 64 KiB.",
                        headers={"connection": "close"},
                    )
            return bytes(received)
    except TimeoutError:
        raise RefusalError(
            HTTPStatus.REQUEST_TIMEOUT, "The body came too slowly.", headers={"connection": "close"}
        ) from None


def decode(raw: bytes, shape: type[_Shape]) -> _Shape:
    """Return what `raw` holds.

    Raises:
        InvalidBodyError: It is JSON of another shape.
        RefusalError: It is not JSON.
    """
    try:
        _refuse_duplicates(raw)
        return codec.decode(raw, shape)
    except msgspec.ValidationError as error:
        raise InvalidBodyError(_without_values(str(error))) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise malformed("The body is not a JSON object with each name once.") from None


def _refuse_duplicates(raw: bytes) -> None:
    """Refuse an object that has a name twice: two readers could take it for two things (RFC 8259 section 4)."""
    json.loads(raw.decode(), object_pairs_hook=_without_duplicates)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        msg = "a name stands twice"
        raise ValueError(msg)


def _without_values(text: str) -> str:
    if "matching regex" in text:  # which says nothing to a person
        is_address = text.endswith(" - at `$.email`")
        return "That is not an e-mail address." if is_address else "A text in the body is not of the form documented."
    # msgspec's messages of these kinds hold types and names of ours alone; others can hold what was sent.
    if text.startswith(("Expected ", "Object missing ", "expected a string")):
        return f"{text.replace('`', '')}."
    return "The body has a field or a value that is not documented."
