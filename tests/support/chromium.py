"""Headless Chromium with a virtual authenticator, driven over the DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

TIMEOUT = 20.0

_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")


class Chromium:
    """One page of a browser. Commands and messages travel over two pipes, as JSON that ends with a zero byte.

    Source: `--remote-debugging-pipe` of Chromium.
    """

    def __init__(self, profile: Path, *flags: str) -> None:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            pytest.skip("Chromium is not installed")
        to_browser, self._to = os.pipe()
        self._from, from_browser = os.pipe()

        # Chromium reads commands from 3 and writes messages to 4.
        redirect = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", redirect, program, *_FLAGS, *flags, "--remote-debugging-pipe", f"--user-data-dir={profile}"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []
        """The messages of the page's console, and the reports of its content security policy."""
        self._authenticators: list[str] = []
        self._context = ""
        self.replace_page()

    def replace_page(self) -> None:
        """Close the page, and open one that shares nothing with it."""
        if self._context:
            self._call("Target.disposeBrowserContext", browserContextId=self._context)
        self._context = self._call("Target.createBrowserContext")["browserContextId"]
        target = self._call("Target.createTarget", url="about:blank", browserContextId=self._context)["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self._authenticators.clear()
        self.events.clear()

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command to the page, and return its result."""
        return self._call(method, self._session, **parameters)

    def set_scheme(self, scheme: str) -> None:
        """Have the page prefer light or dark."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def add_authenticator(self) -> None:
        """Add a virtual authenticator with its own passkeys."""
        self.call("WebAuthn.enable")
        described = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self.call("WebAuthn.addVirtualAuthenticator", options=described)
        self._authenticators.append(str(added["authenticatorId"]))

    def reset_counter(self) -> None:
        """Put the counter of the only passkey back, as in a copy of its key."""
        (authenticator,) = self._authenticators
        (passkey,) = self.call("WebAuthn.getCredentials", authenticatorId=authenticator)["credentials"]
        self.clear_passkeys()
        self.call("WebAuthn.addCredential", authenticatorId=authenticator, credential={**passkey, "signCount": 0})

    def clear_passkeys(self) -> None:
        """Remove the passkeys of the virtual authenticators."""
        for authenticator in self._authenticators:
            self.call("WebAuthn.clearCredentials", authenticatorId=authenticator)

    def remove_authenticators(self) -> None:
        """Remove the virtual authenticators, with their passkeys."""
        while self._authenticators:
            self.call("WebAuthn.removeVirtualAuthenticator", authenticatorId=self._authenticators.pop())

    def open(self, url: str) -> None:
        """Open a page in a fresh document."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - JSON
        """Return the value of an expression in the page; a promise is awaited."""
        found = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        return found["result"].get("value")

    def wait_for(self, text: str) -> str:
        """Wait until the page shows a text, and return all of its text."""
        deadline = time.monotonic() + TIMEOUT
        while text not in (shown := str(self.evaluate("document.body ? document.body.innerText : ''"))):
            assert time.monotonic() < deadline, f"waited in vain for {text!r}:\n{shown}\n{self.events}"
            time.sleep(0.05)
        return shown

    def click(self, name: str) -> None:
        """Press the element with this id."""
        self.evaluate(f"document.getElementById({name!r}).click()")

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def _call(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        self._number += 1
        command: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            command["sessionId"] = session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == self._number:
                assert "error" not in message, (method, message)
                return dict(message["result"])
            if message.get("method") in {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}:
                self.events.append(message["params"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            received = os.read(self._from, 1 << 20)
            assert received, "Chromium has ended"
            self._buffer += received
        raw, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(raw))


@contextmanager
def chromium(profile: Path, *flags: str) -> Iterator[Chromium]:
    """Run a browser until the context ends."""
    browser = Chromium(profile, *flags)
    try:
        yield browser
    finally:
        browser.close()
