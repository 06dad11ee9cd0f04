"""Security keys in this machine: a key in software, through the real `Fido2Client`."""

import asyncio
import time
from collections.abc import Callable
from threading import Event

import pytest
from fido2.ctap import STATUS, CtapError
from fido2.ctap2.base import Ctap2

from mfa_tui.account.account import Account
from mfa_tui.account.errors import PasskeyOfWebAppError
from mfa_tui.account.state import Stage
from mfa_tui.client.errors import RefusedError
from mfa_tui.server import passkeys, step_up
from mfa_tui.terminal import security_keys
from mfa_tui.terminal.security_keys import Problem, SecurityKeyError
from mfa_tui.workflows.passkeys import add_passkey, use_passkey
from tests.support.scripted_ui import ScriptedUI
from tests.support.security_key import SecurityKey
from tests.support.transport import FaultyTransport, changes, refuses

USE_KEY, USE_BROWSER = True, False
WRONG, RIGHT = "0000", "1234"


class BlinkingKey(SecurityKey):
    """A key that nobody touches: it blinks until it is told to stop."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stopped = Event()

    def call(
        self,
        cmd: int,
        data: bytes = b"",
        event: Event | None = None,
        on_keepalive: Callable[[STATUS], None] | None = None,
    ) -> bytes:
        if data[0] not in {Ctap2.CMD.GET_ASSERTION, Ctap2.CMD.MAKE_CREDENTIAL}:
            return super().call(cmd, data, event, on_keepalive)
        assert event is not None
        assert event.wait(10)
        self.stopped.set()
        return bytes([CtapError.ERR.KEEPALIVE_CANCEL])


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> list[SecurityKey]:
    """The keys in this machine."""
    keys = [SecurityKey(verifies_user=False)]
    for name in ("SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(security_keys, "find_keys", lambda: keys)
    return keys


async def registered(saved: Account) -> Account:
    """Add the passkey of the key, and sign in with a challenge."""
    assert await add_passkey(saved, ScriptedUI(USE_KEY))
    await saved.sign_in_automatically()
    assert saved.is_user_missing_mfa_auth()
    return saved


async def problem_of(saved: Account, *answers: str | bool) -> Problem:
    with pytest.raises(SecurityKeyError) as raised:
        await use_passkey(saved, ScriptedUI(USE_KEY, *answers))
    assert saved.is_user_missing_mfa_auth()
    return raised.value.problem


async def test_key_is_registered_and_passes_the_challenge(saved: Account) -> None:
    await registered(saved)
    assert await use_passkey(saved, ScriptedUI(USE_KEY))
    assert saved.state.stage is Stage.READY


async def test_step_up_does_not_make_a_second_passkey_on_the_key(
    saved: Account, keys: list[SecurityKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saved.state.codes
    monkeypatch.setattr(step_up, "FRESH_SECONDS", 0)
    assert await add_passkey(saved, ScriptedUI(USE_KEY, saved.state.codes.recovery_codes[0].reveal()))
    assert len(keys[0].credentials) == len(await saved.get_passkeys()) == 1


async def test_key_that_is_not_registered_is_named(saved: Account, keys: list[SecurityKey]) -> None:
    await registered(saved)
    keys[:] = [SecurityKey(verifies_user=False)]
    assert await problem_of(saved) is Problem.NOT_REGISTERED


async def test_key_that_is_registered_already_is_named(saved: Account) -> None:
    assert await add_passkey(saved, ScriptedUI(USE_KEY))
    with pytest.raises(SecurityKeyError, match="already"):
        await add_passkey(saved, ScriptedUI(USE_KEY))
    assert len(await saved.get_passkeys()) == 1


@pytest.mark.parametrize(
    ("failure", "problem"),
    [
        (CtapError(CtapError.ERR.OPERATION_DENIED), Problem.REFUSED),
        (CtapError(CtapError.ERR.USER_ACTION_TIMEOUT), Problem.TIMED_OUT),
        (OSError("no such device"), Problem.PULLED_OUT),
    ],
)
async def test_failure_of_a_touch_is_named(
    saved: Account, keys: list[SecurityKey], failure: Exception, problem: Problem
) -> None:
    await registered(saved)
    keys[0].failure = failure
    assert await problem_of(saved) is problem
    keys[0].failure = None
    assert await use_passkey(saved, ScriptedUI(USE_KEY))


async def test_pin_is_asked_for_with_the_attempts_left(saved: Account, keys: list[SecurityKey]) -> None:
    keys[0].pin = RIGHT
    assert await add_passkey(saved, ScriptedUI(USE_KEY, RIGHT))
    await saved.sign_in_automatically()
    assert await problem_of(saved, WRONG) is Problem.WRONG_PIN
    assert await problem_of(saved, WRONG) is Problem.WRONG_PIN
    assert await problem_of(saved, WRONG) is Problem.PULL_OUT
    ui = ScriptedUI(USE_KEY, RIGHT)
    assert await use_passkey(saved, ui)
    assert ui.asked[-1] == "PIN of the security key, 5 attempts left"


async def test_blocked_pin_is_named(saved: Account, keys: list[SecurityKey]) -> None:
    await registered(saved)
    keys[0].pin, keys[0].pin_attempts = RIGHT, 1
    assert await problem_of(saved, WRONG) is Problem.PIN_BLOCKED


async def test_user_who_gives_no_pin_goes_back(saved: Account, keys: list[SecurityKey]) -> None:
    await registered(saved)
    keys[0].pin = RIGHT
    assert not await use_passkey(saved, ScriptedUI(USE_KEY, None))
    assert saved.is_user_missing_mfa_auth()


async def test_key_stops_blinking_when_the_user_goes_back(saved: Account, keys: list[SecurityKey]) -> None:
    await registered(saved)
    blinking = BlinkingKey(verifies_user=False)
    keys[:] = [blinking]
    using = asyncio.create_task(use_passkey(saved, ScriptedUI(USE_KEY)))
    await asyncio.sleep(0.1)
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    deadline = time.monotonic() + 5
    while not blinking.stopped.is_set():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_key_is_never_looked_for_over_ssh(saved: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    monkeypatch.setattr(security_keys, "find_keys", pytest.fail)
    ui = ScriptedUI(None)
    assert not await add_passkey(saved, ui)
    (link,) = ui.links
    assert link.tunnel.endswith("@192.0.2.2")
    assert link.tunnel.startswith("ssh -N -L ")


async def test_passkey_of_another_domain_names_the_web_app(saved: Account, network: FaultyTransport) -> None:
    network.faults["GET /users/passkeys/authenticate"] = changes(lambda options: options | {"rpId": "shop.example"})
    with pytest.raises(PasskeyOfWebAppError, match="domain of the web app"):
        await use_passkey(saved, ScriptedUI(USE_KEY))


async def test_missing_library_names_the_install_command(saved: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_keys, "IS_AVAILABLE", False)
    with pytest.raises(security_keys.PasskeysNotInstalledError, match="not installed") as raised:
        await add_passkey(saved, ScriptedUI())
    assert "pip install 'mfa-tui[passkey]'" in raised.value.hint


async def test_hosted_environment_names_the_web_app(
    saved: Account, keys: list[SecurityKey], network: FaultyTransport
) -> None:
    keys.clear()
    network.faults["POST /users/passkeys/handoff"] = refuses(404, {"error": "Not found"})
    with pytest.raises(PasskeyOfWebAppError):
        await add_passkey(saved, ScriptedUI())


async def test_touched_key_of_several_is_used(saved: Account, keys: list[SecurityKey]) -> None:
    await registered(saved)
    blinking = BlinkingKey(verifies_user=False)
    keys.insert(0, blinking)
    assert await use_passkey(saved, ScriptedUI(USE_KEY))
    assert saved.state.stage is Stage.READY
    assert blinking.stopped.is_set()


async def test_service_without_the_library_names_the_install_command(
    saved: Account, network: FaultyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passkeys, "are_available", lambda: False)
    with pytest.raises(RefusedError) as raised:
        await add_passkey(saved, ScriptedUI(USE_KEY))
    assert "The service does not offer this: “Passkeys need the extra: pip install" in raised.value.message
    assert not raised.value.hint
    assert network.count("GET /users/passkeys/register") == 1
