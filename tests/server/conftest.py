"""Fixtures: a service with a database in a temporary folder, and callers of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mfa"


@pytest.fixture
def service(folder: Path, clock: Clock) -> Iterator[Service]:
    service = Service.open(folder, clock=clock)
    yield service
    service.close()


@pytest.fixture
async def anyone(service: Service) -> AsyncIterator[Caller]:
    """A caller without a session."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
        yield Caller(http, service)


@pytest.fixture
async def ada(anyone: Caller) -> Caller:
    """A caller with the session of a new user."""
    return await anyone.sign_in()
