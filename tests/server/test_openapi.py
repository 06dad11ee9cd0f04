"""Every call, in the ways that the service's OpenAPI document allows and in others, as schemathesis makes them up.

SCHEMATHESIS_EXAMPLES=1000 python -m pytest tests/service/test_openapi.py
"""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
    use_after_free,
)
from starlette.types import Receive, Scope, Send

from mfa_tui.server import openapi
from mfa_tui.server.operations import OPERATIONS
from mfa_tui.server.service import Service
from tests.support.caller import Caller

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    use_after_free,
)

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))

ENVIRONMENT = "12345678-1234-4123-8123-123456789abc"

answers: Counter[int] = Counter()


class _AppOfTheTest:
    """The ASGI app of a service that is opened later than schemathesis wants to know it."""

    service: Service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.service.app(scope, receive, send)


def _document() -> dict[str, Any]:
    """The document, for the one environment that the service of the test has."""
    document: dict[str, Any] = json.loads(openapi.document())
    for calls in document["paths"].values():
        for operation in calls.values():
            operation["parameters"][0]["schema"] = {"enum": [ENVIRONMENT]}
    return document


app = _AppOfTheTest()
schema = schemathesis.openapi.from_dict(_document())
schema.app = app


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with closing(
        Service.open(Path(tmp_path_factory.mktemp("schemathesis")) / "mfa", environment_id=ENVIRONMENT)
    ) as service:
        app.service = service
        yield service
    print("answers by status:", dict(sorted(answers.items())))  # noqa: T201 - seen with -s


def _new_token(service: Service) -> str:
    """Sign in a new user, whose codes no case before has turned off."""

    async def sign_in() -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
            return (await Caller(http, service).sign_in(f"user{answers.total()}@example.org")).token

    return asyncio.run(sign_in())


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_call_answers_as_documented_whatever_it_is_sent(case: schemathesis.Case[Any], service: Service) -> None:
    response = case.call(headers={"authorization": f"Bearer {_new_token(service)}"})
    answers[response.status_code] += 1
    # A query with more in it than is documented is let through, as the hosted service does.
    tolerated = {negative_data_rejection} if set(case.query) - set(openapi.QUERY) else set()
    case.validate_response(response, checks=[check for check in CHECKS if check not in tolerated])


def test_the_document_has_every_call_and_none_besides() -> None:
    paths = json.loads(openapi.document())["paths"]
    documented = {(method.upper(), path) for path, calls in paths.items() for method in calls}
    assert documented == {(call.method, f"/api/v0/sdk/{{environmentId}}{call.path}") for call in OPERATIONS}


def test_operations_have_names_of_their_own_and_say_what_they_do() -> None:
    operations = [
        operation for calls in json.loads(openapi.document())["paths"].values() for operation in calls.values()
    ]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] for operation in operations)


def test_no_status_is_documented_that_http_does_not_have() -> None:
    for calls in json.loads(openapi.document())["paths"].values():
        for operation in calls.values():
            assert all(HTTPStatus(int(status)) for status in operation["responses"])
