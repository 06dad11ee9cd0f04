"""Passkeys of an account, made and used by a security key in software."""

from base64 import urlsafe_b64decode

import pytest

from mfa_tui.account.account import Account
from mfa_tui.account.state import Stage
from mfa_tui.client import errors
from mfa_tui.server import step_up
from tests.support.passkeys import add_passkey, use_passkey
from tests.support.security_key import SecurityKey


async def test_passkey_is_added_renamed_and_removed_with_a_step_up(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = SecurityKey()
    await add_passkey(account, key)
    monkeypatch.setattr(step_up, "FRESH_SECONDS", 0)
    (passkey,) = await account.get_passkeys()
    await account.rename_passkey(passkey, "  blue\x1b\n key ")
    (passkey,) = await account.get_passkeys()
    assert passkey.alias == "blue key"
    with pytest.raises(errors.StepUpRequiredError):
        await account.delete_passkey(passkey)
    await use_passkey(account, key, step_up=True)
    await account.delete_passkey(passkey)
    assert await account.get_passkeys() == ()


async def test_passkey_passes_the_challenge(saved: Account) -> None:
    key = SecurityKey()
    await add_passkey(saved, key)
    await saved.sign_in_automatically()
    assert saved.is_user_missing_mfa_auth()
    await use_passkey(saved, key)
    assert saved.state.stage is Stage.READY


async def test_removed_passkey_is_not_accepted(saved: Account) -> None:
    key, stranger = SecurityKey(), SecurityKey()
    await add_passkey(saved, key)
    await add_passkey(saved, stranger)
    (credential_id,) = stranger.credentials
    added = {urlsafe_b64decode(passkey.credential_id + "=="): passkey for passkey in await saved.get_passkeys()}
    await use_passkey(saved, key, step_up=True)
    await saved.delete_passkey(added[credential_id])
    await saved.sign_in_automatically()
    with pytest.raises(errors.InvalidPasskeyError):
        await use_passkey(saved, stranger, allow_any=True)
    assert saved.state.stage is Stage.CHALLENGE_PENDING
