import json
import stat
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from mfa_tui.server.errors import FolderNotUsableError
from mfa_tui.server.service import Service
from tests.support.caller import Caller, Clock

EMAILS = ("ada@example.org", "Bob@example.org")


def _seed(service: Service, *, with_totp: bool = False) -> dict[str, Any]:
    return dict(json.loads(service.seed(EMAILS, with_totp=with_totp).read_text()))


async def test_a_seeded_user_is_challenged_and_has_the_codes_in_the_file(anyone: Caller) -> None:
    seeds = _seed(anyone.service)
    assert set(seeds) == {"ada@example.org", "bob@example.org"}
    for email, seed in seeds.items():
        assert set(seed) == {"recoveryCodes"}
        pending = await anyone.sign_in(email)
        assert (await pending.call("GET", "/users/mfa/recovery")).status_code == 403
        response = await pending.use(seed["recoveryCodes"][0])
        assert response.json()["user"]["mfaBackupCodeAcknowledgement"] == "complete"
        passed = Caller(anyone.http, anyone.service, response.json()["minifiedJwt"])
        assert await passed.codes() == seed["recoveryCodes"][1:]


async def test_a_seeded_authenticator_app_completes_the_challenge(anyone: Caller, clock: Clock) -> None:
    secret = _seed(anyone.service, with_totp=True)["ada@example.org"]["totpSecret"]
    pending = await anyone.sign_in()
    assert (await pending.use_totp(pyotp.TOTP(secret).at(int(clock.now)))).status_code == 200


async def test_seeding_again_leaves_existing_users_alone(service: Service, anyone: Caller) -> None:
    seeds = _seed(service)
    await (await anyone.sign_in()).use(seeds["ada@example.org"]["recoveryCodes"][0])
    assert _seed(service, with_totp=True) == seeds
    response = await (await anyone.sign_in()).use(seeds["ada@example.org"]["recoveryCodes"][1])
    assert response.status_code == 200


async def test_a_user_who_is_not_seeded_is_not_changed(ada: Caller) -> None:
    codes = await ada.codes()
    assert set(_seed(ada.service)) == {"bob@example.org"}
    assert await ada.codes() == codes


def test_only_its_owner_can_read_the_file(service: Service) -> None:
    assert stat.S_IMODE(service.seed(EMAILS, with_totp=True).stat().st_mode) == 0o600


async def test_without_the_file_no_user_is_created(folder: Path, service: Service) -> None:
    (folder / "seeds.json").mkdir()
    with pytest.raises(FolderNotUsableError):
        service.seed(EMAILS, with_totp=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as http:
        user = (await (await Caller(http, service).sign_in()).call("GET", "/users")).json()
    assert user["scope"] == "user:basic"
