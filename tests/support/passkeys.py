"""Adds and uses passkeys of an account with a security key in software, as a page at `http://localhost` would."""

import json
from typing import Any

from mfa_tui.account.account import Account
from mfa_tui.protocol import codec
from mfa_tui.protocol.models import Message
from mfa_tui.protocol.passkeys import AuthenticatePasskey, RegisterPasskey
from tests.support import security_key
from tests.support.security_key import ORIGIN, SecurityKey


async def add_passkey(account: Account, key: SecurityKey, origin: str = ORIGIN) -> None:
    options = await account.client.get_passkey_creation_options(account.session.token, origin)
    await account.register_passkey(codec.convert(security_key.create(key, _json(options), origin), RegisterPasskey))


async def use_passkey(
    account: Account, key: SecurityKey, *, step_up: bool = False, allow_any: bool = False, origin: str = ORIGIN
) -> None:
    options = _json(await account.client.get_passkey_request_options(account.session.token, origin))
    if allow_any:
        options["allowCredentials"] = []
    used = codec.convert(security_key.use(key, options, origin), AuthenticatePasskey)
    await account.authenticate_passkey_mfa(used, step_up=step_up)


def _json(options: Message) -> dict[str, Any]:
    return dict(json.loads(codec.encode(options)))
