"""The session that is kept from one start to the next."""

from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import msgspec

from mfa_tui.protocol import codec, models
from mfa_tui.protocol.user import SdkUser
from mfa_tui.redaction import Secret
from mfa_tui.storage import private_file
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile

_MAX_BYTES = 256 * 1024


class Session(models.Message, frozen=True, kw_only=True):
    """The signed-in user and their token, which is valid for this service and environment only.

    `since` and `expires_at` are in unix seconds: when the token was issued, and when it expires.
    """

    api_url: str
    environment_id: str
    token: Secret
    since: models.UnixTime
    expires_at: models.UnixTime
    user: SdkUser

    @property
    def account_key(self) -> tuple[str, str, str]:
        """The service, the environment and the user."""
        return self.api_url, self.environment_id, self.user.id

    def __post_init__(self) -> None:
        models.require_sendable(self.token)


class SessionStore(Protocol):
    """A place that keeps one profile's session between starts."""

    def load(self) -> Session | None:
        """Return the session, or None if there is none or it cannot be decoded.

        Raises:
            StorageError: The session exists and cannot be read.
        """

    def save(self, session: Session) -> None:
        """Keep the session, replacing the previous one.

        Raises:
            StorageError: It could not be written.
        """

    def forget(self) -> None:
        """Remove the session.

        Raises:
            StorageError: It could not be removed.
        """


class SessionFile:
    """One profile's session on disk, mode 0600; a `SessionStore`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Session | None:
        """Return the session, or None if there is none or it cannot be decoded."""
        raw = private_file.read(self.path, _MAX_BYTES)
        return None if raw is None else decode_session(raw)

    def save(self, session: Session) -> None:
        """Keep the session, replacing the previous one."""
        private_file.write(self.path, codec.encode(session))

    def forget(self) -> None:
        """Remove the session."""
        private_file.remove(self.path)


def decode_session(raw: bytes) -> Session | None:
    """Return the session that was encoded as `raw`, or None if it cannot be decoded."""
    try:
        return codec.decode(raw, Session)
    except msgspec.MsgspecError:
        return None


def open_session_store(paths: AppPaths, profile: Profile) -> SessionStore:
    """Return the store of a profile's session: the system's keyring for a hosted service, if it works, or a file."""
    file = SessionFile(paths.state / profile.name / "session.json")
    if profile.is_built_in or find_spec("keyring") is None:
        return file
    from mfa_tui.storage import keyring_sessions  # noqa: PLC0415 - 60 ms, only if the extra is installed

    return keyring_sessions.open_store(file, profile.name)
