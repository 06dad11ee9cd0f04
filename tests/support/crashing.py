"""The program with an injected crash: `python -m tests.support.crashing SITE`. Each error holds a secret."""

import asyncio
import gc
import sys
from collections.abc import Callable
from threading import Thread
from typing import NoReturn

from mfa_tui import redaction
from mfa_tui.account.account import Account
from mfa_tui.cli.main import main
from mfa_tui.storage import saved_codes
from mfa_tui.tui.app import MfaTui
from mfa_tui.tui.screens.codes import RecoveryCodesScreen
from mfa_tui.tui.widgets.footer import Footer

SENTINEL = "SENTINEL7QSECRET"
"""The secret in the error's message, locals and arguments."""


def crash(*_arguments: object, **_: object) -> NoReturn:
    secret = SENTINEL
    raise RuntimeError(secret)


async def crash_later(*arguments: object, **_: object) -> None:
    crash(SENTINEL, *arguments)


async def fail_in_background() -> None:
    task = asyncio.create_task(crash_later())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()


class Unraisable:
    def __del__(self) -> None:
        crash(self)


def when_mounted(fault: Callable[[RecoveryCodesScreen], object]) -> None:
    RecoveryCodesScreen.on_mount = lambda screen: fault(screen) and None  # type: ignore[method-assign, assignment]


def start_thread(_: object) -> None:
    thread = Thread(target=crash, args=(SENTINEL,))
    thread.start()
    thread.join()


SITES: dict[str, Callable[[], object]] = {
    "start of the app": lambda: setattr(MfaTui, "on_load", crash),
    "compose": lambda: setattr(RecoveryCodesScreen, "compose_body", crash),
    "mount": lambda: when_mounted(crash),
    "render": lambda: setattr(Footer, "render", crash),
    "draw": lambda: setattr(RecoveryCodesScreen, "render_state", crash),
    "timer": lambda: when_mounted(lambda screen: screen.set_timer(0.01, lambda: crash(SENTINEL))),
    "async worker": lambda: when_mounted(lambda screen: screen.run_worker(crash_later(SENTINEL))),
    "thread worker": lambda: when_mounted(lambda screen: screen.run_worker(lambda: crash(SENTINEL), thread=True)),
    "resuming the session": lambda: setattr(Account, "resume_session", crash_later),
    "sign-in": lambda: setattr(Account, "sign_in_automatically", crash_later),
    "key": lambda: setattr(RecoveryCodesScreen, "action_hide", crash),
    "saving, in a thread": lambda: setattr(saved_codes, "write", crash),
    "before the app": lambda: setattr(MfaTui, "__init__", crash),
}
"""Crashes that end the program; those in a key or a save need a key press first."""

UNNOTICED: dict[str, Callable[[], object]] = {
    "thread": lambda: setattr(Footer, "on_resize", start_thread),
    "task": lambda: when_mounted(lambda screen: screen.run_worker(fail_in_background())),
    "destructor": lambda: when_mounted(lambda _: Unraisable()),
}
"""Crashes outside the app's own tasks: the program continues."""

if __name__ == "__main__":
    (SITES | UNNOTICED)[sys.argv.pop(1)]()
    redaction.harden_process()
    sys.exit(main(sys.argv[1:]))
