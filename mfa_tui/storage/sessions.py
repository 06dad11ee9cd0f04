"""The session that is kept from one start to the next."""

from pathlib import Path
from typing import Protocol

import msgspec

from mfa_tui.protocol import codec, models
from mfa_tui.redaction import Secret
from mfa_tui.storage import private_file

_MAX_BYTES = 256 * 1024


class Session(models.Message, frozen=True, kw_only=True):
    """Who is signed in, and the token that says so, which is for this service and environment alone.

    `since` and `expires_at` are in unix seconds: from when this token is, and until when it is good.
    """

    api_url: str
    environment_id: str
    token: Secret
    since: int
    expires_at: int
    user: models.SdkUser

    def __post_init__(self) -> None:
        models.require_sendable(self.token)


class SessionStore(Protocol):
    """Where one profile's session is kept between starts."""

    def load(self) -> Session | None:
        """Return the session, or None where there is none that can be made sense of.

        Raises:
            StorageError: It is there and cannot be read.
        """

    def save(self, session: Session) -> None:
        """Keep the session in place of the one before.

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
        """Return the session, or None where there is none that can be made sense of."""
        raw = private_file.read(self.path, _MAX_BYTES)
        return None if raw is None else session_of(raw)

    def save(self, session: Session) -> None:
        """Keep the session in place of the one before."""
        private_file.write(self.path, codec.encode(session))

    def forget(self) -> None:
        """Remove the session."""
        private_file.remove(self.path)


def session_of(raw: bytes) -> Session | None:
    """Return the session that was kept as `raw`, or None where it makes no sense."""
    try:
        return codec.decode(raw, Session)
    except msgspec.MsgspecError:
        return None
