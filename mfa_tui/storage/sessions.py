"""The session that is kept from one start to the next."""

from pathlib import Path

import msgspec

from mfa_tui import wire
from mfa_tui.secrecy import Secret
from mfa_tui.storage import private_file

_LARGEST = 256 * 1024


class Session(wire.Message, frozen=True, kw_only=True):
    """Who is signed in, and the token that says so, which is for this service and environment alone.

    `since` and `expires_at` are in unix seconds: from when this token is, and until when it is good.
    """

    api_url: str
    environment_id: str
    token: Secret
    since: int
    expires_at: int
    user: wire.SdkUser


class SessionFile:
    """One profile's session on disk, mode 0600."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Session | None:
        """Return the session, or None where there is none that can be made sense of.

        Raises:
            StorageError: The file is there and cannot be read.
        """
        raw = private_file.read(self.path, _LARGEST)
        if raw is None:
            return None
        try:
            return wire.decode(raw, Session)
        except msgspec.MsgspecError:
            return None

    def save(self, session: Session) -> None:
        """Keep the session in place of the one before.

        Raises:
            StorageError: It could not be written.
        """
        private_file.write(self.path, wire.encode(session))

    def forget(self) -> None:
        """Remove the session.

        Raises:
            StorageError: It could not be removed.
        """
        private_file.remove(self.path)
