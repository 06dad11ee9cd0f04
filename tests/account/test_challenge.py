"""The challenge: a code is parsed, sent once, and its outcome is determined."""

import httpx
import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.challenge import ChallengeStatus
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import FactorKind, TypedCode, parse_code
from mfa_tui.client import errors
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.redaction import Secret
from mfa_tui.workflows import messages
from tests.support.transport import (
    USE,
    WHO,
    Fault,
    FaultyTransport,
    Pass,
    changes,
    lost_after,
    lost_before,
    not_reached,
    refuses,
)

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2e3a\ufe58\ufe63\uff0d_\u00a0\u2003\t"
"""Characters that users and word processors put between groups."""

USE_TOTP = "POST /users/mfa/auth/totp"
METHODS = "GET /users/mfa/methods"


@pytest.fixture
async def pending(saved: Account) -> Account:
    """An account with a pending challenge, and with codes that were read before."""
    await saved.sign_in_automatically()
    return saved


def codes(account: Account) -> tuple[Secret, ...]:
    assert account.state.codes is not None
    return account.state.codes.recovery_codes


def first(account: Account) -> TypedCode:
    return parse_code(codes(account)[0].reveal())


@pytest.mark.parametrize(
    ("typed", "code", "kind"),
    [
        ("ABCDEFGHIJ", "ABCDEFGHIJ", FactorKind.RECOVERY),
        ("abcDEfghij", "abcDEfghij", FactorKind.RECOVERY),
        ("  ABCDE FGHIJ\n", "ABCDEFGHIJ", FactorKind.RECOVERY),
        ("ABCDE-FGHIJ", "ABCDEFGHIJ", FactorKind.RECOVERY),
        *((f"ABCDE{dash}FGHIJ", "ABCDEFGHIJ", FactorKind.RECOVERY) for dash in DASHES),
        ("1234567890", "1234567890", FactorKind.RECOVERY),
        ("123456", "123456", FactorKind.TOTP),
        ("123 456", "123456", FactorKind.TOTP),
    ],
)
def test_code_is_parsed_in_common_spellings(typed: str, code: str, kind: FactorKind) -> None:
    read = parse_code(typed)
    assert (read.code, read.kind, read.warning) == (Secret(code), kind, "")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("A", "This has 1 letter or digit;"),
        ("12345", "This has 5 letters or digits;"),
        ("ABCDEFGHIJK", "This has 11 letters or digits;"),
    ],
)
def test_unusual_length_gives_a_warning(typed: str, expected: str) -> None:
    assert expected in parse_code(typed).warning


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", "The field holds no code"),
        (" - _\t", "The field holds no code"),
        ("x" * 10_000, "10,000 characters"),
        ("ABCDE\x1b[2JFGHIJ", "other characters"),
        ("ABCDEFGHI\x00", "other characters"),
        ("é" * 10, "other characters"),
        ("АВСDEFGHIJ", "other characters"),  # noqa: RUF001 - Cyrillic that looks like Latin
        ("１２３４５６", "other characters"),  # noqa: RUF001 - full-width digits
        ("ABCDE\u200bFGHIJ", "other characters"),
        ("ABCDE.FGHIJ", "other characters"),
    ],
)
def test_invalid_code_is_rejected_and_not_repeated(typed: str, expected: str) -> None:
    with pytest.raises(InvalidCodeInputError, match=expected) as caught:
        parse_code(typed)
    assert len(typed) < 2 or typed not in str(caught.value)
    assert "Nothing was sent" in str(caught.value)


async def test_used_code_passes_the_challenge_and_leaves_the_set(pending: Account) -> None:
    used = first(pending)
    await pending.authenticate(used)
    assert pending.state.stage is Stage.READY
    assert pending.state.codes is None
    await pending.read_codes()
    assert used.code not in codes(pending)
    assert messages.codes_left(pending.state) == "9 of 10 left"


async def test_wrong_code_uses_up_nothing(pending: Account) -> None:
    with pytest.raises(errors.InvalidCodeError, match="No code was used up"):
        await pending.authenticate(parse_code("2222222222"))
    assert len(codes(pending)) == 10


@pytest.mark.parametrize("fault", [lost_before, lost_after, refuses(500, {"error": "no"}), refuses(200, ["html"])])
async def test_code_with_lost_response_is_sent_once_and_leaves_the_set(
    pending: Account, network: FaultyTransport, fault: Fault
) -> None:
    network.faults[USE] = fault
    with pytest.raises(errors.OutcomeUnknownError, match=r"may be used up.*Cross it out"):
        await pending.authenticate(first(pending))
    assert network.count(USE) == 1
    assert pending.state.codes is None


@pytest.mark.parametrize("fault", [lost_before, lost_after])
async def test_code_may_be_used_up_if_the_session_stays_pending(
    pending: Account, network: FaultyTransport, fault: Fault
) -> None:
    network.faults[USE] = fault
    with pytest.raises(errors.OutcomeUnknownError):
        await pending.authenticate(first(pending))
    # At the built-in service a token from before the challenge stays valid for the challenge alone.
    assert await pending.check_challenge() is ChallengeStatus.PENDING
    assert pending.state.stage is Stage.CHALLENGE_PENDING
    assert network.count(USE) == 1


async def test_challenge_has_passed_if_the_session_is_not_pending(pending: Account, network: FaultyTransport) -> None:
    network.faults[USE] = lost_after
    with pytest.raises(errors.OutcomeUnknownError):
        await pending.authenticate(first(pending))
    # The built-in service never reports this for the earlier token; a hosted service may.
    network.faults[WHO] = changes(lambda user: user | {"scope": "user:basic"})
    assert await pending.check_challenge() is ChallengeStatus.PASSED
    assert pending.state.stage is Stage.READY
    assert network.count(USE) == 1


@pytest.mark.parametrize("fault", [not_reached, lost_before, refuses(500, {}), refuses(401, {"error": "no"})])
async def test_challenge_status_is_unknown_without_a_response(
    pending: Account, network: FaultyTransport, fault: Fault
) -> None:
    network.faults[WHO] = fault
    assert await pending.check_challenge() is ChallengeStatus.UNKNOWN


async def test_fifth_wrong_code_reports_the_wait(pending: Account) -> None:
    wrong = parse_code("2222222222")
    for _ in range(5):
        with pytest.raises(errors.InvalidCodeError):
            await pending.authenticate(wrong)
    with pytest.raises(errors.RateLimitedError, match=r"no code is used up\. Wait 30 seconds") as caught:
        await pending.authenticate(first(pending))
    assert caught.value.retry_after == 30


def invalid(date: str) -> Fault:
    async def fault(_request: httpx.Request, _carry: Pass) -> httpx.Response:
        body = {"error": "no", "code": ErrorCode.MFA_INVALID_CODE}
        return httpx.Response(422, json=body, headers={"date": date} if date else {})

    return fault


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Fri, 01 Jan 2100 00:00:00 GMT", r"This machine's clock is [\d,]+ days behind the service's"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", r"This machine's clock is [\d,]+ days ahead of the service's"),
        ("", "Wait for the app's next code"),
        ("yesterday", "Wait for the app's next code"),
        ("Thu, 01 Jan 1970 00:00:00", "Wait for the app's next code|ahead of"),
    ],
)
async def test_wrong_clock_is_named_if_a_totp_code_is_refused(
    pending: Account, network: FaultyTransport, date: str, expected: str
) -> None:
    network.faults[USE_TOTP] = invalid(date)
    with pytest.raises(errors.InvalidCodeError, match=expected):
        await pending.authenticate(parse_code("123456"))


async def test_wrong_clock_is_not_named_for_a_recovery_code(pending: Account, network: FaultyTransport) -> None:
    network.faults[USE] = invalid("Fri, 01 Jan 2100 00:00:00 GMT")
    with pytest.raises(errors.InvalidCodeError, match="Compare it with your list"):
        await pending.authenticate(first(pending))


def device(kind: str, *, verified: bool) -> dict[str, object]:
    return {"id": "d", "type": kind, "verified": verified, "createdAt": "2026-01-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("devices", "names"),
    [
        ([], ["recovery code"]),
        ([device("totp", verified=True)], ["authenticator code", "recovery code"]),
        ([device("totp", verified=False)], ["recovery code"]),
        ([device("passkey", verified=True)], ["recovery code"]),
    ],
)
async def test_available_factors_are_listed(
    pending: Account, network: FaultyTransport, devices: list[object], names: list[str]
) -> None:
    network.faults[METHODS] = refuses(200, {"devices": devices, "userHasVerifiedMfaMethods": bool(devices)})
    assert [factor.value for factor in await pending.list_challenge_factors()] == names


async def test_recovery_code_is_offered_if_no_factor_is_listed(pending: Account, network: FaultyTransport) -> None:
    network.faults[METHODS] = not_reached
    assert await pending.list_challenge_factors() == [FactorKind.RECOVERY]
