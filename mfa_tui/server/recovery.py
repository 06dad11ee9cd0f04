"""Recovery codes: read, rotate, use and acknowledge them.

Ten codes of ten symbols from 32, so 50 bits each, protected by `throttling`. The API sets that format. It is less than
the 64 bits that NIST SP 800-63B-4 section 4.2.1.1 requires of a saved recovery code, and NIST would not return a code
twice, as the API does. So each code is stored twice: encrypted, to be returned, and as a keyed digest, to be looked up.
"""

import hmac
import secrets
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import Self

import msgspec
from msgspec import UNSET

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import SET_SIZE, AuthenticateRecoveryCode, RecoveryCodes
from mfa_tui.protocol.set_fingerprint import SET_HEADER, set_fingerprint
from mfa_tui.protocol.user import VerifyResponse
from mfa_tui.redaction import Secret
from mfa_tui.server import notices, sessions, step_up, throttling
from mfa_tui.server.context import RequestContext
from mfa_tui.server.keys import DecryptionError, Keys
from mfa_tui.server.refusal import RefusalError, wrong_code
from mfa_tui.server.store import Transaction
from mfa_tui.server.users import Factor, User

CODE_LENGTH = 10
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and capital letters without 0, 1, I and O, which are easily misread. Codes are accepted in either case."""


_SELECT = "SELECT position, lookup, sealed AS ciphertext FROM recovery_codes"


class StoredCode(msgspec.Struct, frozen=True):
    """A code as the database stores it."""

    position: int
    lookup: bytes
    """The keyed digest by which it is looked up."""
    ciphertext: bytes | None
    """None once it is used."""

    @classmethod
    def encrypt(cls, keys: Keys, user: User, position: int, code: str) -> Self:
        """Return a code of a user for storage."""
        lookup = _digest(keys, user, code)
        return cls(
            position, lookup, keys.encrypt(code.encode(), associated_data=_associated_data(user, position, lookup))
        )

    def decrypt(self, keys: Keys, user: User) -> Secret:
        """Return the code.

        Raises:
            DecryptionError: It is damaged, or used.
        """
        if self.ciphertext is None:
            raise DecryptionError
        associated_data = _associated_data(user, self.position, self.lookup)
        return Secret(keys.decrypt(self.ciphertext, associated_data=associated_data).decode())


def read(context: RequestContext, _request: None) -> RecoveryCodes:
    """`GET /users/mfa/recovery`: Return the unused codes. A user who never had a set gets one."""
    # The lock waits for a rotation in progress, which may be stored already and wait only for a standby: if the old
    # codes were returned meanwhile, the user would take the rotation for failed.
    query = f"{_SELECT} WHERE user_number = ? ORDER BY position FOR SHARE"
    stored = context.db.fetch_all(StoredCode, query, context.user.number)
    if not stored:
        return _create_set(context)
    sessions.record_returned_set(context.db, context.session, stored[0].lookup)
    unused = [code for code in stored if code.ciphertext is not None]
    codes = _readable(context.service.keys, context.user, unused)
    damaged = len(unused) - len(codes)
    return RecoveryCodes(count=len(codes), recovery_codes=codes, damaged=damaged or UNSET)


def rotate(context: RequestContext, _request: None) -> RecoveryCodes:
    """`POST /users/mfa/recovery`: Replace all codes. The old ones stop working at once.

    A request that names the set to replace is refused if another one is valid, so that a late duplicate replaces
    nothing.
    """
    if SET_HEADER in context.headers and not _names_live_set(context):
        raise _codes_changed()
    throttling.reset(context, context.user.email, Factor.RECOVERY)
    codes = _create_set(context)
    notices.codes_rotated(context)
    return codes


def use(context: RequestContext, request: AuthenticateRecoveryCode) -> VerifyResponse:
    """`POST /users/mfa/auth/recovery`: Use up a code, and complete the challenge with it."""
    throttling.check(context, context.user.email, Factor.RECOVERY)
    if not _use_up(context, request.code):
        throttling.record_failure(context, context.user.email, Factor.RECOVERY)
        raise wrong_code()
    throttling.record_success(context, context.user.email, Factor.RECOVERY)
    notices.code_used(context, _count(context))
    context = sessions.complete_challenge(context)
    return sessions.verify_response(context, step_up.issue_tokens(context, request))


def acknowledge(context: RequestContext, acknowledgement: str) -> None:
    """Record that the codes are saved, or that they are not. A sign-in may ask for one from then on.

    It requires an unused code, because the next sign-in could not be completed without one. It counts for the set that
    the request names, or else for the set that its session was last shown: if that is not the valid one, nobody may
    have the valid one.

    Raises:
        RefusalError: There is no code, or another set is valid.
    """
    if not unused_codes(context.db, context.service.keys, context.user):
        raise _invalid_request("There are no recovery codes to acknowledge. Rotate them first.")
    if acknowledgement == "complete":
        if not _has_seen_live_set(context):
            raise _codes_changed()
        if context.session.proved_at is None:
            # The codes, which the session was shown, are the user's first factor. Later, showing proves nothing.
            sessions.complete_challenge(context)
    elif context.user.has_saved_codes:
        raise _invalid_request("Confirmed codes stay confirmed. Only a rotation replaces them.")
    context.db.execute("UPDATE users SET acknowledgement = ? WHERE number = ?", acknowledgement, context.user.number)


def unused_codes(db: Transaction, keys: Keys, user: User) -> tuple[Secret, ...]:
    """Return a user's unused codes, in order, without those that are damaged."""
    return _readable(keys, user, _unused(db, user))


def _readable(keys: Keys, user: User, stored: Iterable[StoredCode]) -> tuple[Secret, ...]:
    """Return the codes without those that are damaged: the others must stay readable."""
    codes = []
    for code in stored:
        with suppress(DecryptionError):
            codes.append(code.decrypt(keys, user))
    return tuple(codes)


def _unused(db: Transaction, user: User) -> list[StoredCode]:
    query = f"{_SELECT} WHERE user_number = ? AND spent_at IS NULL ORDER BY position"
    return db.fetch_all(StoredCode, query, user.number)


def _count(context: RequestContext) -> int:
    query = "SELECT count(*) FROM recovery_codes WHERE user_number = ? AND spent_at IS NULL"
    (count,) = context.db.fetch_column(int, query, context.user.number)
    return count


def _set_id(context: RequestContext) -> bytes:
    """Return what identifies the user's set: the lookup digest of its first code, which stays when that is used."""
    query = "SELECT lookup FROM recovery_codes WHERE user_number = ? ORDER BY position LIMIT 1"
    (lookup,) = context.db.fetch_column(bytes, query, context.user.number)
    return lookup


def _has_seen_live_set(context: RequestContext) -> bool:
    if SET_HEADER in context.headers:
        return _names_live_set(context)
    return context.session.returned_set == _set_id(context)


def _names_live_set(context: RequestContext) -> bool:
    """Return whether the request's header has the fingerprint of the unused codes."""
    if context.token is None:
        return False
    codes = unused_codes(context.db, context.service.keys, context.user)
    live = set_fingerprint(codes, context.token)
    return hmac.compare_digest(live.encode(), context.headers[SET_HEADER].encode())


def _invalid_request(text: str) -> RefusalError:
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, text, code=ErrorCode.MFA_INVALID_REQUEST)


def _codes_changed() -> RefusalError:
    return RefusalError(
        HTTPStatus.CONFLICT,
        "Another set of recovery codes is valid than the one that this request is about. Read the codes again.",
        code=ErrorCode.RECOVERY_CODES_CHANGED,
    )


def generate_codes() -> tuple[str, ...]:
    """Return the codes of a new set, all different."""
    codes: list[str] = []
    while len(codes) < SET_SIZE:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if code not in codes:
            codes.append(code)
    return tuple(codes)


def _create_set(context: RequestContext) -> RecoveryCodes:
    db, user = context.db, context.user
    codes = generate_codes()
    store_set(db, context.service.keys, user, codes)
    db.execute("UPDATE users SET acknowledgement = 'pending' WHERE number = ?", user.number)
    sessions.record_returned_set(db, context.session, _set_id(context))
    return RecoveryCodes(count=len(codes), recovery_codes=tuple(Secret(code) for code in codes))


def store_set(db: Transaction, keys: Keys, user: User, codes: Iterable[str]) -> None:
    """Store a set of codes in place of the user's set."""
    db.execute("DELETE FROM recovery_codes WHERE user_number = ?", user.number)
    for position, code in enumerate(codes):
        stored = StoredCode.encrypt(keys, user, position, code)
        db.execute(
            "INSERT INTO recovery_codes (user_number, position, lookup, sealed) VALUES (?, ?, ?, ?)",
            user.number,
            stored.position,
            stored.lookup,
            stored.ciphertext,
        )


def _use_up(context: RequestContext, code: Secret) -> bool:
    """Mark a code as used. Return False if the user has no such unused code."""
    digest = _digest(context.service.keys, context.user, code.reveal())
    position = None
    for stored in _unused(context.db, context.user):  # no early exit, so that the time does not depend on the position
        if hmac.compare_digest(stored.lookup, digest):
            position = stored.position
    # This one statement uses up the code: a concurrent request with the same code changes no row.
    changed = context.db.execute(
        "UPDATE recovery_codes SET spent_at = ?, sealed = NULL"
        " WHERE user_number = ? AND position = ? AND lookup = ? AND spent_at IS NULL",
        context.db.now,
        context.user.number,
        position,
        digest,
    )
    return changed == 1


def _digest(keys: Keys, user: User, code: str) -> bytes:
    return keys.digest("recovery code", user.id.encode(), code.upper().encode())


def _associated_data(user: User, position: int, lookup: bytes) -> bytes:
    """Return the associated data of an encrypted code, which ties it to its row."""
    return b"recovery code" + user.id.encode() + position.to_bytes(2) + lookup
