"""Sessions in the system's keyring, for those who installed the extra `keyring`, where one works."""

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import codec
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.sessions import Session, SessionStore, session_of

SERVICE = "mfa-tui"
"""The name under which the keyring lists the sessions."""

_USABLE = 1
"""The least priority of a backend that works: keyring's own rule for choosing one."""


class StillKeptError(StorageError):
    """The keyring did not remove the session that it keeps, or does not say whether it keeps one."""

    def __init__(self) -> None:
        MfaTuiError.__init__(
            self,
            "The system's keyring may still keep a session: it did not remove it.",
            impact="Your codes are as they were.",
            hint=f"Unlock the keyring and try again, or remove the entry {SERVICE} in it.",
        )


class KeyringSessions:
    """One profile's session in the keyring; a `SessionStore`. What the keyring does not take goes to `otherwise`."""

    def __init__(self, backend: KeyringBackend, name: str, otherwise: SessionStore) -> None:
        self._backend = backend
        self._name = name
        self._otherwise = otherwise

    def load(self) -> Session | None:
        """Return the session, or None where there is none that can be made sense of."""
        try:
            kept = self._backend.get_password(SERVICE, self._name)
        except KeyringError:
            kept = None
        return self._otherwise.load() if kept is None else session_of(kept.encode())

    def save(self, session: Session) -> None:
        """Keep the session in place of the one before."""
        try:
            self._backend.set_password(SERVICE, self._name, codec.encode(session).decode())
        except KeyringError:
            self._otherwise.save(session)
            self._remove()  # the older one there would be found first
        else:
            self._otherwise.forget()

    def forget(self) -> None:
        """Remove the session."""
        self._otherwise.forget()
        self._remove()

    def _remove(self) -> None:
        try:
            if self._backend.get_password(SERVICE, self._name) is not None:
                self._backend.delete_password(SERVICE, self._name)
        except KeyringError:
            raise StillKeptError from None


def over(otherwise: SessionStore, name: str) -> SessionStore:
    """Return a store in the system's keyring that falls back on `otherwise`, or just that where no keyring works."""
    backend = keyring.get_keyring()
    return KeyringSessions(backend, name, otherwise) if backend.priority >= _USABLE else otherwise
