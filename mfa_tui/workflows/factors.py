"""Listing, adding, choosing, renaming and removing factors: authenticator apps and passkeys."""

import re
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit

import msgspec

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.passkeys import MAX_NAME_LENGTH
from mfa_tui.account.typed_code import parse_code
from mfa_tui.client.errors import InvalidCodeError
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models
from mfa_tui.workflows import messages
from mfa_tui.workflows.prompt_ui import PromptUI
from mfa_tui.workflows.ui import UI, Confirmation

_DATE_LENGTH = len("2026-01-31")

_BROWSERS = re.compile(r"(Firefox|Edg|OPR|Chrome|Safari)/")
"""The names in a browser's `User-Agent`, the more specific first: Edge also says Chrome, and Chrome also Safari."""


class Factor(msgspec.Struct, frozen=True):
    """An authenticator app or a passkey, as the front ends list it."""

    described: models.MfaDevice | models.UserPasskey

    @property
    def is_passkey(self) -> bool:
        """Whether it is a passkey, which has a name that the user gives."""
        return isinstance(self.described, models.UserPasskey)

    @property
    def name(self) -> str:
        """Its name, on one line."""
        default = "Passkey" if self.is_passkey else "Authenticator app"
        return sanitize.one_line(self.described.alias or "", 28) or default

    @property
    def state(self) -> str:
        """Whether it is the default or not confirmed yet; empty if neither."""
        if isinstance(self.described, models.UserPasskey):
            return ""
        return "default" if self.described.default else "" if self.described.verified else "not confirmed"

    @property
    def can_become_default(self) -> bool:
        """Whether it is a confirmed app, and not the default."""
        return isinstance(self.described, models.MfaDevice) and self.described.verified and not self.described.default

    @property
    def since(self) -> str:
        """The date on which it was made."""
        return self.described.created_at[:_DATE_LENGTH]

    @property
    def details(self) -> str:
        """When and where it was made, and when it was last used, as sentences."""
        if isinstance(self.described, models.MfaDevice):
            return f"Added on {self.since}."
        where = sanitize.one_line(urlsplit(self.described.origin or "").netloc, 60)
        browser = _BROWSERS.search(self.described.user_agent or "")
        made = f"Made on {self.since}"
        made += f" at {where}" if where else ""
        made += f" with {_BROWSER_NAMES.get(browser[1], browser[1])}" if browser else ""
        used = (self.described.updated_at or "")[:_DATE_LENGTH]
        return f"{made}. Last used on {used}." if used else f"{made}. Not used yet."


_BROWSER_NAMES = {"Edg": "Edge", "OPR": "Opera"}


async def list_factors(account: Account, ui: UI) -> tuple[Factor, ...]:
    """Return the authenticator apps and the passkeys of the account.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    devices = await account.with_step_up(account.get_mfa_devices, partial(ui.step_up, account))
    passkeys = await account.with_step_up(account.get_passkeys, partial(ui.step_up, account))
    return (*map(Factor, devices), *map(Factor, passkeys))


def can_add_authenticator(factors: tuple[Factor, ...]) -> bool:
    """Return whether the service takes another app: it refuses a second one, and replaces an unconfirmed one."""
    apps = (factor.described for factor in factors if isinstance(factor.described, models.MfaDevice))
    return not any(app.verified and app.type == "totp" for app in apps)


async def add_authenticator(account: Account, ui: PromptUI) -> bool:
    """Register an app, show its key, and confirm it with its first code; return whether it was added.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    ui.show_progress(messages.REGISTERING)
    registration = await account.with_step_up(account.register_totp_mfa_device, partial(ui.step_up, account))
    ui.show_key(registration.secret)
    while code := await ui.read_secret(messages.FIRST_CODE_LABEL):
        try:
            await account.confirm_totp_mfa_device(registration, parse_code(code.reveal()))
        except (InvalidCodeInputError, InvalidCodeError) as error:
            ui.show(error)
        else:
            ui.show(messages.AUTHENTICATOR_ADDED)
            return True
    await discard(account, registration)
    ui.show(messages.AUTHENTICATOR_NOT_ADDED)
    return False


async def discard(account: Account, registration: models.TotpRegistration) -> None:
    """Remove an app that is not confirmed. If that fails, it stays in the list, from which it can be removed."""
    with suppress(MfaTuiError):
        await account.delete_mfa_device(registration)


async def make_default(account: Account, ui: UI, factor: Factor) -> None:
    """Make an authenticator app the default.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    if isinstance(factor.described, models.MfaDevice):
        action = partial(account.set_default_mfa_device, factor.described)
        await account.with_step_up(action, partial(ui.step_up, account))
        ui.show(f"{factor.name} is now the default.")


async def rename(account: Account, ui: UI, factor: Factor) -> None:
    """Ask for another name of a passkey, and give it that one.

    Raises:
        InputEndedError: Input ended.
        MfaTuiError: The service refused, or did not respond.
    """
    if isinstance(factor.described, models.UserPasskey):
        name = sanitize.one_line(await ui.read_line(messages.PASSKEY_NAME_LABEL), MAX_NAME_LENGTH)
        if name:
            action = partial(account.rename_passkey, factor.described, name)
            await account.with_step_up(action, partial(ui.step_up, account))
            ui.show(messages.passkey_renamed(name))


async def remove(account: Account, ui: UI, factor: Factor) -> bool:
    """Remove a factor if the user confirms; return whether it was removed.

    Raises:
        MfaTuiError: The service refused, or did not respond.
    """
    if not await ui.confirm(removal(factor)):
        return False
    if isinstance(factor.described, models.UserPasskey):
        action = partial(account.delete_passkey, factor.described)
    else:
        action = partial(account.delete_mfa_device, factor.described)
    await account.with_step_up(action, partial(ui.step_up, account))
    ui.show(messages.PASSKEY_REMOVED if factor.is_passkey else messages.AUTHENTICATOR_REMOVED)
    return True


def removal(factor: Factor) -> Confirmation:
    """Return the question before the removal of a factor."""
    effect = "It stops working here at once." if factor.is_passkey else "Its codes stop working at once."
    return Confirmation(
        question=f"Remove {factor.name}?",
        consequences=(f"{effect} Your recovery codes are unchanged.",),
        cancel="Keep it",
        confirm="Remove it",
        action="remove it",
    )
