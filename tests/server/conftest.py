"""Fixtures: a service on each kind of database, and callers of it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from mfa_tui.server.database import Location
from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock
from tests.support.postgres import PostgresServer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mfa"


@pytest.fixture(scope="session")
def created(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Location:
    """A service on PostgreSQL, created once for all tests of this process: its tables take longer than most tests."""
    postgres_server.execute("CREATE DATABASE service")
    location = Location(tmp_path_factory.mktemp("created") / "mfa", postgres_server.url("service"))
    Service.open(location).close()
    return location


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def location(request: pytest.FixtureRequest, folder: Path) -> Location:
    """Where the service keeps its data: each test runs on both databases, in which no user exists."""
    if request.param == "SQLite":
        return Location(folder)
    created: Location = request.getfixturevalue("created")
    postgres_server: PostgresServer = request.getfixturevalue("postgres_server")
    postgres_server.delete_users("service")
    location = Location(folder, created.database_url)
    folder.mkdir(mode=0o700)
    shutil.copy(created.keys, location.keys)
    return location


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
