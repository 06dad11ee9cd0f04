"""Sessions in the system's keyring, if the extra `keyring` is installed and a keyring works."""

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from mfa_tui.errors import CODES_UNCHANGED, MfaTuiError
from mfa_tui.protocol import codec
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.sessions import Session, SessionStore, decode_session

SERVICE = "mfa-tui"
"""The name under which the keyring lists the sessions."""

_USABLE = 1
"""The lowest priority of a backend that works, by the rule that keyring itself applies."""


class KeyringNotClearedError(StorageError):
    """The keyring did not remove its session, or did not say whether it has one."""

    def __init__(self) -> None:
        MfaTuiError.__init__(
            self,
            "The system's keyring may still keep a session: it did not remove it.",
            impact=CODES_UNCHANGED,
            hint=f"Unlock the keyring and try again, or remove the entry {SERVICE} in it.",
        )


class KeyringSessions:
    """One profile's session in the keyring; a `SessionStore`. If the keyring refuses it, it goes to `fallback`."""

    def __init__(self, backend: KeyringBackend, name: str, fallback: SessionStore) -> None:
        self._backend = backend
        self._name = name
        self._fallback = fallback

    def load(self) -> Session | None:
        """Return the session, or None if there is none or it cannot be decoded."""
        try:
            kept = self._backend.get_password(SERVICE, self._name)
        except KeyringError:
            kept = None
        return self._fallback.load() if kept is None else decode_session(kept.encode())

    def save(self, session: Session) -> None:
        """Keep the session, replacing the previous one."""
        try:
            self._backend.set_password(SERVICE, self._name, codec.encode(session).decode())
        except KeyringError:
            self._fallback.save(session)
            self._remove()  # otherwise load() would find the older one first
        else:
            self._fallback.forget()

    def forget(self) -> None:
        """Remove the session."""
        self._fallback.forget()
        self._remove()

    def _remove(self) -> None:
        try:
            if self._backend.get_password(SERVICE, self._name) is not None:
                self._backend.delete_password(SERVICE, self._name)
        except KeyringError:
            raise KeyringNotClearedError from None


def open_store(fallback: SessionStore, name: str) -> SessionStore:
    """Return a store in the system's keyring over `fallback`, or `fallback` alone if no keyring works."""
    backend = keyring.get_keyring()
    return KeyringSessions(backend, name, fallback) if backend.priority >= _USABLE else fallback
