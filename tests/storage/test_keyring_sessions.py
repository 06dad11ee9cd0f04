import time
from pathlib import Path

import msgspec
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError, PasswordSetError

from mfa_tui.protocol.user import SdkUser
from mfa_tui.redaction import Secret
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.keyring_sessions import KeyringSessions
from mfa_tui.storage.sessions import Session, SessionFile

SESSION = Session(
    api_url="https://service.test/api/v0",
    environment_id="b4c1e6a2-0000-4000-8000-000000000000",
    token=Secret("a.token.x"),
    since=int(time.time()),
    expires_at=int(time.time()) + 3600,
    user=SdkUser(id="u1"),
)


class Ring(KeyringBackend):
    """A keyring in memory, which takes no more than `largest` characters."""

    priority = 5

    def __init__(self, largest: int = 100_000) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring annotates nothing here
        self.kept: dict[tuple[str, str], str] = {}
        self.largest = largest
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password) > self.largest:
            raise PasswordSetError
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.is_locked or (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]


@pytest.fixture
def file(tmp_path: Path) -> SessionFile:
    return SessionFile(tmp_path / "session.json")


def test_session_in_the_keyring_is_not_on_disk(file: SessionFile) -> None:
    file.save(SESSION)
    sessions = KeyringSessions(Ring(), "work", file)
    sessions.save(SESSION)
    assert not file.path.exists()
    assert sessions.load() == SESSION


def test_session_is_in_the_file_if_the_keyring_refuses_it(file: SessionFile) -> None:
    sessions = KeyringSessions(Ring(largest=10), "work", file)
    sessions.save(SESSION)
    assert file.path.exists()
    assert sessions.load() == SESSION


def test_refused_session_removes_the_older_one_in_the_keyring(file: SessionFile) -> None:
    ring = Ring()
    sessions = KeyringSessions(ring, "work", file)
    sessions.save(SESSION)
    ring.largest = 10
    newer = msgspec.structs.replace(SESSION, token=Secret("newer.token.x"))
    sessions.save(newer)
    assert sessions.load() == newer


def test_forget_raises_if_the_keyring_keeps_the_session(file: SessionFile) -> None:
    ring = Ring()
    sessions = KeyringSessions(ring, "work", file)
    sessions.save(SESSION)
    file.save(SESSION)
    ring.is_locked = True
    with pytest.raises(StorageError, match="may still keep a session"):
        sessions.forget()
    assert not file.path.exists()


def test_forget_removes_the_session_everywhere(file: SessionFile) -> None:
    ring = Ring()
    sessions = KeyringSessions(ring, "work", file)
    sessions.save(SESSION)
    file.save(SESSION)
    sessions.forget()
    assert not ring.kept
    assert sessions.load() is None
    sessions.forget()


def test_profiles_do_not_share_a_session(file: SessionFile) -> None:
    ring = Ring()
    KeyringSessions(ring, "work", file).save(SESSION)
    assert KeyringSessions(ring, "home", file).load() is None


def test_load_returns_none_for_an_invalid_session(file: SessionFile) -> None:
    ring = Ring()
    ring.kept["mfa-tui", "work"] = "{"
    assert KeyringSessions(ring, "work", file).load() is None
