"""Recovery codes: read, rotated, used.

Ten codes of ten symbols from 32, so 50 bits each, which `guessing` guards. That is the wire's format, and under the
64 bits that NIST SP 800-63B-4 section 4.2.1.1 asks of a saved recovery code; nor would it hand a code out twice, as the
wire does. So a code is kept twice: sealed, to be handed out, and as a keyed digest by which it is found.
"""

import hmac
from http import HTTPStatus

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import AuthenticateRecoveryCode, RecoveryCodes, VerifyResponse
from mfa_tui.redaction import Secret
from mfa_tui.server import sessions, step_up, throttling
from mfa_tui.server.context import Factor, RequestContext, User
from mfa_tui.server.keys import Keys
from mfa_tui.server.refusal import RefusalError

CODES_IN_A_SET = 10
SYMBOLS_IN_A_CODE = 10
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and capitals without 0, 1, I and O, which are misread. Letters count in either case: `_digest` raises them."""


def read(visit: RequestContext, _request: None) -> RecoveryCodes:
    """`GET /users/mfa/recovery`: the codes that are left; a set is made for a user who never had one."""
    if visit.db.first("SELECT 1 FROM recovery_codes WHERE user = ?", visit.user.number) is None:
        return _make(visit)
    rows = visit.db.rows(
        "SELECT position, lookup, sealed FROM recovery_codes WHERE user = ? AND spent_at IS NULL ORDER BY position",
        visit.user.number,
    )
    keys = visit.service.keys
    codes = [
        Secret(keys.decrypt(sealed, place=_place(visit.user, position, lookup)).decode())
        for position, lookup, sealed in rows
    ]
    return RecoveryCodes(count=len(codes), recovery_codes=tuple(codes))


def rotate(visit: RequestContext, _request: None) -> RecoveryCodes:
    """`POST /users/mfa/recovery`: the old codes are dead at once, new ones stand in their place."""
    if visit.session.factor is Factor.RECOVERY and throttling.codes_are_off(visit.db, visit.user.number):
        raise RefusalError(
            HTTPStatus.FORBIDDEN,
            "Recovery codes are off after 100 wrong tries: pass another factor in this session, then rotate.",
        )
    throttling.reset(visit.db, visit.user.number, Factor.RECOVERY)
    codes = _make(visit)
    lines = (
        "Your recovery codes were replaced. The old ones no longer work, wherever they were kept.",
        "",
        "If this was not you, someone is signed in as you: sign in, make new codes, and change the",
        "password of this mailbox.",
    )
    notice = visit.service.outbox.notice(visit.user.email, "Your recovery codes were replaced", lines, visit.db.now)
    visit.db.publish_after(notice)
    return codes


def use(visit: RequestContext, request: AuthenticateRecoveryCode) -> VerifyResponse | RefusalError:
    """`POST /users/mfa/auth/recovery`: spend a code, and pass the challenge with it."""
    throttling.check(visit.db, visit.user.number, Factor.RECOVERY)
    if not _spend(visit, request.code):
        throttling.record_failure(visit.db, visit.user.number, Factor.RECOVERY)
        return RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "The code is wrong or was used already.", code=ErrorCode.MFA_INVALID_CODE
        )
    throttling.reset(visit.db, visit.user.number, Factor.RECOVERY)
    session = sessions.pass_challenge(visit.db, visit.session, Factor.RECOVERY)
    left = how_many(visit)
    lines = (
        f"One of your recovery codes was used to sign in or to confirm an action. Codes left: {left}.",
        "",
        "If this was not you, someone has your codes: sign in, make new ones, and change the password of",
        "this mailbox. When none are left, a challenge can no longer be passed with a code: make new ones before.",
    )
    notice = visit.service.outbox.notice(visit.user.email, "A recovery code was used", lines, visit.db.now)
    visit.db.publish_after(notice)
    return sessions.signed_in(visit, session, step_up.issue_tokens(visit, request))


def how_many(visit: RequestContext) -> int:
    """Return how many codes the user has left."""
    row = visit.db.first("SELECT count(*) FROM recovery_codes WHERE user = ? AND spent_at IS NULL", visit.user.number)
    return 0 if row is None else int(row[0])


def _make(visit: RequestContext) -> RecoveryCodes:
    entropy, keys, user = visit.service.entropy, visit.service.keys, visit.user
    codes: list[str] = []
    while len(codes) < CODES_IN_A_SET:
        code = entropy.symbols(ALPHABET, SYMBOLS_IN_A_CODE)
        if code not in codes:
            codes.append(code)
    visit.db.change("DELETE FROM recovery_codes WHERE user = ?", user.number)
    for position, code in enumerate(codes):
        lookup = _digest(keys, user, code)
        sealed = keys.encrypt(code.encode(), place=_place(user, position, lookup), nonce=keys.nonce(entropy))
        visit.db.change(
            "INSERT INTO recovery_codes (user, position, lookup, sealed) VALUES (?, ?, ?, ?)",
            user.number,
            position,
            lookup,
            sealed,
        )
    visit.db.change("UPDATE users SET acknowledgement = 'pending' WHERE number = ?", user.number)
    return RecoveryCodes(count=len(codes), recovery_codes=tuple(Secret(code) for code in codes))


def _spend(visit: RequestContext, code: Secret) -> bool:
    offered = _digest(visit.service.keys, visit.user, code.reveal())
    position = None
    rows = visit.db.rows(
        "SELECT position, lookup FROM recovery_codes WHERE user = ? AND spent_at IS NULL", visit.user.number
    )
    for row_position, lookup in rows:  # all of them, so that the time does not tell which it was
        if hmac.compare_digest(lookup, offered):
            position = row_position
    # This one statement spends the code; whoever else offers it finds that it changes no row.
    spent = visit.db.change(
        "UPDATE recovery_codes SET spent_at = ?, sealed = NULL"
        " WHERE user = ? AND position = ? AND lookup = ? AND spent_at IS NULL",
        visit.db.now,
        visit.user.number,
        position,
        offered,
    )
    return spent == 1


def _digest(keys: Keys, user: User, code: str) -> bytes:
    return keys.digest("recovery code", user.id.encode(), code.upper().encode())


def _place(user: User, position: int, lookup: bytes) -> bytes:
    """Return what a code is sealed for: this user's row, and no other."""
    return b"recovery code" + user.id.encode() + position.to_bytes(2) + lookup
