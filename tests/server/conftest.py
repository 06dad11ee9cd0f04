"""Fixtures: a service on each kind of database, and callers of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from mfa_tui.server.database import Location
from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mfa"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def location(request: pytest.FixtureRequest, folder: Path) -> Location:
    """Where the service keeps its data: each test runs on both databases."""
    if request.param == "SQLite":
        return Location(folder)
    return Location(folder, request.getfixturevalue("database_url"))


@pytest.fixture
def service(location: Location, clock: Clock) -> Iterator[Service]:
    service = Service.open(location, clock=clock)
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
