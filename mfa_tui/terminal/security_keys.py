"""Security keys on USB, through `fido2`'s client, which blocks: it runs in threads."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from mfa_tui.errors import CODES_UNCHANGED, MfaTuiError
from mfa_tui.protocol import codec
from mfa_tui.protocol.models import Message
from mfa_tui.protocol.passkeys import AuthenticatePasskey, CreationOptions, RegisterPasskey, RequestOptions
from mfa_tui.redaction import Secret

if TYPE_CHECKING:
    from fido2.client import ClientError, Fido2Client, UserInteraction
    from fido2.ctap import CtapDevice

IS_AVAILABLE = find_spec("fido2") is not None
"""Whether the library is installed, which the extra `passkey` installs."""

INSTALL_COMMAND = "pip install 'mfa-tui[passkey]'"

UDEV_RULE = 'KERNEL=="hidraw*", SUBSYSTEM=="hidraw", TAG+="uaccess", MODE="0660"'
"""Lets the user at the desktop open the keys. Source: `70-u2f.rules` of Yubico's libfido2, without its makers."""

_FIDO_USAGE_PAGE = bytes.fromhex("06d0f1")
"""How the report descriptor of a security key starts. Source: CTAP 2.1, section 11.2.8.1."""

ReadPin = Callable[[int], Coroutine[None, None, Secret | None]]
"""Asks the user for the PIN of a key, given how many attempts are left; None to go back."""

_T = TypeVar("_T")


class PasskeysNotInstalledError(MfaTuiError):
    """The library for passkeys is not installed, which the built-in service needs."""

    def __init__(self) -> None:
        super().__init__(
            "Passkeys are not installed with this program.",
            impact=CODES_UNCHANGED,
            hint=f"Install them with {INSTALL_COMMAND}, and start mfa-tui again; or use a code.",
        )


class Problem(Enum):
    """The reasons why a key was not used, with the sentences for the user: what happened, and what to do next."""

    NOT_REGISTERED = ("This security key has no passkey of this account.", "Use another key, a browser or a code.")
    REGISTERED = ("This security key has a passkey of this account already.", "Use another key.")
    REFUSED = ("The security key refused: it was not touched, or declined.", "Try again, or use a code.")
    TIMED_OUT = ("The security key was not touched in time.", "Try again, or use a code.")
    PULLED_OUT = ("The security key was pulled out.", "Put it in and try again, or use a code.")
    WRONG_PIN = ("That is not the PIN of the security key.", "Try again with the right one, or use a code.")
    PULL_OUT = (
        "The security key takes no more PINs until it was pulled out: three were wrong.",
        "Pull it out, put it in, and try again with the right PIN; or use a code.",
    )
    PIN_BLOCKED = (
        "The PIN of the security key is blocked: too many were wrong.",
        "Use another key or a code. Only a reset, which deletes its passkeys, makes this key usable again.",
    )
    NO_PIN_SET = ("This security key has no PIN, and the service asks for one.", "Set one with the maker's program.")
    UNUSABLE = ("The security key cannot be used for this.", "Use another key, a browser or a code.")


class SecurityKeyError(MfaTuiError):
    """A security key was not used.

    Args:
        problem: The reason.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        message, hint = problem.value
        super().__init__(message, impact=CODES_UNCHANGED, hint=hint)


def find_closed_keys(devices: Path = Path("/dev"), system: Path = Path("/sys/class/hidraw")) -> list[Path]:
    """Return the keys that this user may not open, which `fido2` skips silently. Only Linux has such files."""
    return [
        devices / described.parent.parent.name
        for described in sorted(system.glob("hidraw*/device/report_descriptor"))
        if described.read_bytes().startswith(_FIDO_USAGE_PAGE)
        and not os.access(devices / described.parent.parent.name, os.R_OK | os.W_OK)
    ]


def find_keys() -> "Sequence[CtapDevice]":
    """Return the keys in this machine; none if the library is missing. Blocks for a moment."""
    if not IS_AVAILABLE:
        return ()
    from fido2.hid import CtapHidDevice  # noqa: PLC0415 - 150 ms, only if a key is looked for

    with suppress(OSError):
        return list(CtapHidDevice.list_devices())
    return ()


class SecurityKeys:
    """The keys in this machine, for the pages of one origin. If there are several, the user touches the one to use.

    Args:
        devices: The keys.
        origin: The origin, to whose domain the passkeys belong.
        read_pin: Asks for a key's PIN.
    """

    def __init__(self, devices: "Sequence[CtapDevice]", origin: str, read_pin: ReadPin) -> None:
        self._devices = devices
        self._origin = origin
        self._read_pin = read_pin
        self._loop = asyncio.get_running_loop()

    async def create(self, options: CreationOptions) -> RegisterPasskey | None:
        """Create a passkey; None if the user gives no PIN.

        Raises:
            SecurityKeyError: None was created.
        """
        from fido2.webauthn import PublicKeyCredentialCreationOptions  # noqa: PLC0415 - only if a key is used

        described = PublicKeyCredentialCreationOptions.from_dict(_json(options))

        def create(client: "Fido2Client", stop: Event) -> RegisterPasskey:
            return codec.convert(dict(client.make_credential(described, event=stop)), RegisterPasskey)

        return await self._run(create, Problem.REGISTERED)

    async def use(self, options: RequestOptions) -> AuthenticatePasskey | None:
        """Use a passkey; None if the user gives no PIN.

        Raises:
            SecurityKeyError: None was used.
        """
        from fido2.webauthn import PublicKeyCredentialRequestOptions  # noqa: PLC0415 - only if a key is used

        described = PublicKeyCredentialRequestOptions.from_dict(_json(options))

        def use(client: "Fido2Client", stop: Event) -> AuthenticatePasskey:
            found = client.get_assertion(described, event=stop).get_response(0)
            return codec.convert(dict(found), AuthenticatePasskey)

        return await self._run(use, Problem.NOT_REGISTERED)

    async def _run(self, work: "Callable[[Fido2Client, Event], _T]", ineligible: Problem) -> _T | None:
        """Run the work with the key that the user chooses. If the task is cancelled, the keys stop blinking."""
        stop = Event()
        try:
            device = await self._choose(stop)
            return await asyncio.to_thread(self._work_with, device, work, stop, ineligible)
        finally:
            stop.set()

    async def _choose(self, stop: Event) -> "CtapDevice":
        """Return the only key, or the one that the user touches first."""
        if len(self._devices) == 1:
            return self._devices[0]

        def wait(device: "CtapDevice") -> bool:
            self._work_with(device, lambda client, event: client.selection(event), stop, Problem.UNUSABLE)
            return not stop.is_set()

        waiting = {asyncio.create_task(asyncio.to_thread(wait, device)): device for device in self._devices}
        touched, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        stop.clear()
        first = touched.pop()
        first.result()
        return waiting[first]

    def _work_with(
        self,
        device: "CtapDevice",
        work: "Callable[[Fido2Client, Event], _T]",
        stop: Event,
        ineligible: Problem,
    ) -> _T | None:
        from fido2.client import (  # noqa: PLC0415 - 150 ms, only if a key is used
            ClientError,
            DefaultClientDataCollector,
            Fido2Client,
            PinRequiredError,
        )
        from fido2.ctap import CtapError  # noqa: PLC0415 - as above
        from fido2.hid import ConnectionFailure  # noqa: PLC0415 - as above

        try:
            client = Fido2Client(
                device, DefaultClientDataCollector(self._origin), _interaction(device, self._read_pin, self._loop)
            )
            return work(client, stop)
        except PinRequiredError:
            return None
        except ClientError as error:
            raise SecurityKeyError(_problem(error, ineligible)) from None
        except (OSError, ConnectionFailure):
            raise SecurityKeyError(Problem.PULLED_OUT) from None
        except (ValueError, CtapError):
            raise SecurityKeyError(Problem.UNUSABLE) from None


def _interaction(device: "CtapDevice", read_pin: ReadPin, loop: asyncio.AbstractEventLoop) -> "UserInteraction":
    """Return what asks for the PIN of a key, from the key's thread in the program's event loop."""
    from fido2.client import UserInteraction  # noqa: PLC0415 - only if a key is used
    from fido2.ctap2.base import Ctap2  # noqa: PLC0415 - as above
    from fido2.ctap2.pin import ClientPin  # noqa: PLC0415 - as above

    class Interaction(UserInteraction):
        def request_pin(self, permissions: object, rp_id: str | None) -> str | None:  # noqa: ARG002 - the interface
            left, _ = ClientPin(Ctap2(device)).get_pin_retries()
            pin = asyncio.run_coroutine_threadsafe(read_pin(left), loop).result()
            return None if pin is None else pin.reveal()

    return Interaction()


def _problem(error: "ClientError", ineligible: Problem) -> Problem:
    from fido2.client import ClientError  # noqa: PLC0415 - only if a key is used
    from fido2.ctap import CtapError  # noqa: PLC0415 - as above

    by_cause = {
        CtapError.ERR.OPERATION_DENIED: Problem.REFUSED,
        CtapError.ERR.PIN_INVALID: Problem.WRONG_PIN,
        CtapError.ERR.PIN_AUTH_BLOCKED: Problem.PULL_OUT,
        CtapError.ERR.PIN_BLOCKED: Problem.PIN_BLOCKED,
        CtapError.ERR.PIN_NOT_SET: Problem.NO_PIN_SET,
    }
    by_code = {ClientError.ERR.DEVICE_INELIGIBLE: ineligible, ClientError.ERR.TIMEOUT: Problem.TIMED_OUT}
    found = by_cause.get(error.cause.code) if isinstance(error.cause, CtapError) else None
    return found or by_code.get(error.code, Problem.UNUSABLE)


def _json(options: Message) -> dict[str, object]:
    return dict(json.loads(codec.encode(options)))
